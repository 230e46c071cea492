import IngotModel

/// What `show stat` says of one server.
///
/// Source: HAProxy 2.6 Management Guide, 9.1 "CSV format". Columns are found by their names in the first line.
struct ServerStatistics: Hashable, Sendable {
    var backend: Backend
    var name: ServerName
    /// `scur`: requests handed to it and not answered, and streams such as WebSockets. Idle connections do not count.
    var inFlight: Int
    /// `L4CON: Layer4 connection problem: connection refused`, what the last check said; `nil` before the first.
    var checkResult: String?

    static func parse(_ text: String) -> [ServerStatistics] {
        var lines = text.split(separator: "\n")[...]
        guard let header = lines.popFirst() else { return [] }
        let columns = fields(of: header.drop { $0 == "#" || $0 == " " })
        let index = Dictionary(columns.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        return lines.compactMap { parse(fields(of: $0), index) }
    }

    private static func parse(_ fields: [String], _ index: [String: Int]) -> ServerStatistics? {
        func value(_ column: String) -> String {
            guard let position = index[column], position < fields.count else { return "" }
            return fields[position]
        }
        guard let backend = Backend(value("pxname")), let name = ServerName(value("svname")), let inFlight = Int(value("scur"))
        else { return nil }
        return ServerStatistics(
            backend: backend, name: name, inFlight: inFlight,
            checkResult: checkResult(
                status: value("check_status"), code: value("check_code"), description: value("check_desc"), last: value("last_chk")))
    }

    /// `status` begins with `* ` while a check runs. `INI` is "no check yet"; a check that passed says nothing against the instance,
    /// though it may take another one for it to be up. Source: HAProxy 2.6 management guide, section 9.1, `check_status`.
    private static func checkResult(status: String, code: String, description: String, last: String) -> String? {
        let word = status.drop { $0 == "*" || $0 == " " }
        guard !word.isEmpty, word != "INI", word != "UNK", !passing.contains(word) else { return nil }
        var text = "\(word)"
        if word.hasPrefix("L7"), !code.isEmpty { text += "/\(code)" }
        let detail = last.isEmpty ? description : last
        return detail.isEmpty ? text : "\(text): \(detail)"
    }

    private static let passing: Set<Substring> = ["L4OK", "L6OK", "L7OK", "L7OKC", "PROCOK"]

    /// The fields of a line of CSV, with quotes as in RFC 4180.
    static func fields(of line: some StringProtocol) -> [String] {
        var fields: [String] = []
        var field: [UInt8] = []
        var isQuoted = false
        var bytes = line.utf8.makeIterator()
        var next = bytes.next()
        while let byte = next {
            next = bytes.next()
            switch byte {
            case UInt8(ascii: "\""):
                if isQuoted, next == byte {
                    field.append(byte)
                    next = bytes.next()
                } else {
                    isQuoted.toggle()
                }
            case UInt8(ascii: ",") where !isQuoted:
                fields.append(String(decoding: field, as: UTF8.self))
                field.removeAll(keepingCapacity: true)
            default: field.append(byte)
            }
        }
        fields.append(String(decoding: field, as: UTF8.self))
        return fields
    }
}
