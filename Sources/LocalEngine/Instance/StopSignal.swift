/// The number of an image's `StopSignal`: `SIGTERM`, `TERM` or `15`. Source: OCI Image Specification 1.1, `config.md`.
enum StopSignal {
    static let terminate = 15

    private static let numbers = [
        "HUP": 1, "INT": 2, "QUIT": 3, "ABRT": 6, "KILL": 9, "USR1": 10, "USR2": 12, "PIPE": 13, "ALRM": 14, "TERM": 15, "CHLD": 17,
        "CONT": 18, "STOP": 19, "TSTP": 20, "TTIN": 21, "TTOU": 22, "URG": 23, "WINCH": 28, "IO": 29, "PWR": 30, "SYS": 31,
    ]

    /// SIGTERM when the text is missing or names no signal.
    static func number(_ text: String?) -> Int {
        guard let text = text?.uppercased(), !text.isEmpty else { return terminate }
        if let number = Int(text) { return (1...64).contains(number) ? number : terminate }
        let name = text.hasPrefix("SIG") ? String(text.dropFirst(3)) : text
        if name.hasPrefix("RTMIN"), let offset = Int(name.dropFirst(5).drop { $0 == "+" }.isEmpty ? "0" : name.dropFirst(5)),
            (0...30).contains(offset)
        {
            return 34 + offset
        }
        return numbers[name] ?? terminate
    }
}
