/// What a runtime wrote with `--log`: crun plain lines, runc lines such as `time="…" level=error msg="…"`.
enum RuntimeLog {
    static let largestSize = 256 << 10

    static func lastMessage(at path: String) -> String {
        guard let text = try? SmallFile.text(at: path, limit: largestSize) else { return "" }
        return lastMessage(text)
    }

    /// The last line's message, without its time and level.
    static func lastMessage(_ text: String) -> String {
        guard let line = text.split(separator: "\n").last else { return "" }
        guard let start = line.firstRange(of: "msg=\"") else { return String(line) }
        let message = line[start.upperBound...].dropLast(line.hasSuffix("\"") ? 1 : 0)
        return String(message).replacing("\\\"", with: "\"")
    }
}
