/// One event of a stream.
struct ServerSentEvent: Equatable, Sendable {
    /// The event's name; `message` when the stream gave none.
    var name: String
    var data: String
    var id: String?
}

/// Reads server-sent events from bytes that come in pieces of any size.
///
/// Source: HTML Living Standard, section 9.2.6, "Interpreting an event stream". Lines end in LF, CR or CRLF; an event
/// ends at an empty line; one that the stream leaves unfinished is dropped; one without data is no event.
struct ServerSentEventParser {
    struct TooLarge: Error, Equatable {}

    /// Bytes of one event.
    let limit: Int
    private var line: [UInt8] = []
    private var lastWasCarriageReturn = false
    private var isFirstLine = true
    private var data: [String] = []
    private var dataBytes = 0
    private var name = ""
    private var id: String?

    init(limit: Int) { self.limit = limit }

    /// - Returns: the events that these bytes completed, in their order.
    /// - Throws: `TooLarge` when an event is larger than the limit; the stream can't be read on then.
    mutating func read(_ bytes: some Sequence<UInt8>) throws(TooLarge) -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        for byte in bytes {
            if let event = try read(byte) { events.append(event) }
        }
        return events
    }

    private mutating func read(_ byte: UInt8) throws(TooLarge) -> ServerSentEvent? {
        let followsCarriageReturn = lastWasCarriageReturn
        lastWasCarriageReturn = byte == UInt8(ascii: "\r")
        switch byte {
        case UInt8(ascii: "\n") where followsCarriageReturn: return nil
        case UInt8(ascii: "\n"), UInt8(ascii: "\r"): return endLine()
        default:
            guard dataBytes + line.count < limit else { throw TooLarge() }
            line.append(byte)
            return nil
        }
    }

    private mutating func endLine() -> ServerSentEvent? {
        var bytes = line[...]
        line.removeAll(keepingCapacity: true)
        let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
        if isFirstLine, bytes.starts(with: byteOrderMark) { bytes = bytes.dropFirst(byteOrderMark.count) }
        isFirstLine = false
        guard !bytes.isEmpty else { return endEvent() }
        readField(bytes)
        return nil
    }

    private mutating func readField(_ line: ArraySlice<UInt8>) {
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        var value = line[colon...].dropFirst()
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        let text = String(decoding: value, as: UTF8.self)
        switch String(decoding: line[..<colon], as: UTF8.self) {
        case "data":
            data.append(text)
            dataBytes += value.count + 1
        case "event": name = text
        case "id" where !value.contains(0): id = text
        default: break
        }
    }

    private mutating func endEvent() -> ServerSentEvent? {
        defer {
            data.removeAll()
            dataBytes = 0
            name = ""
        }
        guard !data.isEmpty else { return nil }
        return ServerSentEvent(name: name.isEmpty ? "message" : name, data: data.joined(separator: "\n"), id: id)
    }
}
