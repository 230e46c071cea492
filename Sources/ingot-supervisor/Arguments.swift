/// What a supervisor is told on its command line. There is nothing else that it reads.
struct Arguments: Equatable {
    /// 8 hexadecimal digits.
    var instance: String
    /// The bundle: holds `config.json`, gets `rootfs`, `log`, `state.json` and `exit.json`.
    var folder: String
    var runtime: String
    var hidesUnifiedCgroup = false
    /// Mounted layers, lowest first.
    var layers: [String]
    /// The size of a layer in memory that the instance may write its root to; `nil` for a root that it can't write to.
    var scratchBytes: Int?
    var address: IPv4Address
    var gateway: IPv4Address
    var stopSignal: Int32
    var graceMilliseconds: Int
    /// The size at which a log file is followed by the next.
    var logBytes: Int
    /// Files kept, the current one among them.
    var logFiles: Int
    var readyDescriptor: Int32

    static let usage = """
        usage: ingot-supervisor --instance 8HEX --folder DIR --runtime PATH [--hide-unified-cgroup]
            --layer PATH --layer PATH … [--scratch-bytes N] --address A.B.C.D --gateway A.B.C.D
            --stop-signal N --grace-ms N --log-bytes N --log-files N --ready-fd N
        Runs one instance of a service to its end. Started by the daemon, not by people.
        """

    /// - Parameter texts: without the program's name.
    init(_ texts: [String]) throws(SupervisorError) {
        var words = OptionWords(texts)
        var layers: [String] = []
        var values: [String: String] = [:]
        while let option = words.next() {
            switch option {
            case "--hide-unified-cgroup": hidesUnifiedCgroup = true
            case "--layer": layers.append(try words.value(of: option))
            case _ where Self.options.contains(option): values[option] = try words.value(of: option)
            default: throw SupervisorError("unknown option '\(option)'")
            }
        }
        let reader = OptionValues(values)
        instance = try reader.instance("--instance")
        folder = try reader.absolutePath("--folder")
        runtime = try reader.absolutePath("--runtime")
        address = try reader.address("--address")
        gateway = try reader.address("--gateway")
        stopSignal = Int32(try reader.number("--stop-signal", in: 1...64))
        graceMilliseconds = try reader.number("--grace-ms", in: 0...86_400_000)
        logBytes = try reader.number("--log-bytes", in: 4_096...(1 << 40))
        logFiles = try reader.number("--log-files", in: 1...1_000)
        if values["--scratch-bytes"] != nil { scratchBytes = try reader.number("--scratch-bytes", in: 4_096...(1 << 50)) }
        readyDescriptor = Int32(try reader.number("--ready-fd", in: 3...1_000_000))
        self.layers = layers
        guard layers.count >= 2 else { throw SupervisorError("--layer must be given at least twice, not \(layers.count) times") }
        guard layers.allSatisfy({ $0.hasPrefix("/") }) else { throw SupervisorError("--layer must be an absolute path") }
    }

    private static let options: Set<String> = [
        "--instance", "--folder", "--runtime", "--address", "--gateway", "--stop-signal", "--grace-ms", "--log-bytes", "--log-files",
        "--ready-fd", "--scratch-bytes",
    ]
}

/// The words of a command line, taken one after another.
private struct OptionWords {
    private var rest: ArraySlice<String>
    init(_ words: [String]) { rest = words[...] }
    mutating func next() -> String? { rest.popFirst() }
    mutating func value(of option: String) throws(SupervisorError) -> String {
        guard let value = rest.popFirst() else { throw SupervisorError("\(option) needs a value") }
        return value
    }
}

/// The values of options, each read as what it has to be.
private struct OptionValues {
    private let values: [String: String]
    init(_ values: [String: String]) { self.values = values }

    private func text(_ option: String) throws(SupervisorError) -> String {
        guard let value = values[option] else { throw SupervisorError("\(option) is missing") }
        return value
    }

    func instance(_ option: String) throws(SupervisorError) -> String {
        let text = try text(option)
        let isHexDigit = { (byte: UInt8) in (48...57).contains(byte) || (97...102).contains(byte) }
        guard text.utf8.count == 8, text.utf8.allSatisfy(isHexDigit) else {
            throw SupervisorError("\(option) must be 8 hexadecimal digits, not '\(text)'")
        }
        return text
    }

    func absolutePath(_ option: String) throws(SupervisorError) -> String {
        let text = try text(option)
        guard text.hasPrefix("/") else { throw SupervisorError("\(option) must be an absolute path, not '\(text)'") }
        return text
    }

    func address(_ option: String) throws(SupervisorError) -> IPv4Address {
        let text = try text(option)
        guard let address = IPv4Address(text) else { throw SupervisorError("\(option) must be an address such as 10.0.0.1, not '\(text)'") }
        return address
    }

    func number(_ option: String, in range: ClosedRange<Int>) throws(SupervisorError) -> Int {
        let text = try text(option)
        guard let number = Int(text), range.contains(number) else {
            throw SupervisorError("\(option) must be a number from \(range.lowerBound) to \(range.upperBound), not '\(text)'")
        }
        return number
    }
}
