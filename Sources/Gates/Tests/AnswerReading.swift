/// Whether the bytes of an HTTP answer are a whole one. Source: RFC 9112, section 6.3.
struct AnswerReading: Hashable, Sendable {
    /// The longest head that is read.
    static let headLimit = 65_536

    private enum Length: Hashable, Sendable {
        case bytes(Int)
        case chunked
        /// Until the connection is closed.
        case open
    }

    private var head: [UInt8] = []
    private var length: Length?
    private var bodyCount = 0
    private var bodyTail: [UInt8] = []
    private var hasEnded = false
    private(set) var status: Int?

    mutating func append(_ bytes: some Sequence<UInt8>) {
        guard length == nil else { return appendBody(Array(bytes)) }
        head += bytes
        guard head.count <= Self.headLimit else { return head.removeLast(head.count - Self.headLimit) }
        guard let end = head.firstRange(of: Array("\r\n\r\n".utf8)) else { return }
        let body = Array(head[end.upperBound...])
        readHead(String(decoding: head[..<end.lowerBound], as: UTF8.self))
        head = []
        appendBody(body)
    }

    /// The connection was closed.
    mutating func end() { hasEnded = true }

    var isWhole: Bool {
        switch length {
        case nil: false
        case .bytes(let count): bodyCount >= count
        case .chunked: bodyTail == Array("0\r\n\r\n".utf8)
        case .open: hasEnded
        }
    }

    private mutating func appendBody(_ bytes: [UInt8]) {
        bodyCount += bytes.count
        bodyTail = (bodyTail + bytes).suffix(5)
    }

    private mutating func readHead(_ text: String) {
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
        let words = (lines.first ?? "").split(separator: " ")
        status = words.count >= 2 && words[0].hasPrefix("HTTP/") ? Int(words[1]) : nil
        length = .open
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            let value = parts[1].filter { $0 != " " && $0 != "\t" }.lowercased()
            switch parts[0].lowercased() {
            case "transfer-encoding" where value.hasSuffix("chunked"): length = .chunked
            case "content-length" where length == .open: length = Int(value).map { .bytes(max(0, $0)) } ?? .open
            default: break
            }
        }
    }
}
