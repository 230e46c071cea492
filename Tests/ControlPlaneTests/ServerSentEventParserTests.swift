import Testing

@testable import Client

@Suite("Server-sent events")
struct ServerSentEventParserTests {
    static let streams: [(text: String, events: [ServerSentEvent])] = [
        ("data: one\n\n", [ServerSentEvent(name: "message", data: "one", id: nil)]),
        ("data:one\n\n", [ServerSentEvent(name: "message", data: "one", id: nil)]),
        ("data:  one\n\n", [ServerSentEvent(name: "message", data: " one", id: nil)]),
        ("data: one\ndata: two\n\n", [ServerSentEvent(name: "message", data: "one\ntwo", id: nil)]),
        ("data: a\r\n\r\ndata: b\r\rdata: c\n\n", ["a", "b", "c"].map { ServerSentEvent(name: "message", data: $0, id: nil) }),
        (
            "event: problem\ndata: {}\n\ndata: x\n\n",
            [ServerSentEvent(name: "problem", data: "{}", id: nil), ServerSentEvent(name: "message", data: "x", id: nil)]
        ),
        (": a comment\n\n:\n\ndata: x\n\n", [ServerSentEvent(name: "message", data: "x", id: nil)]),
        (
            "id: 7\ndata: x\n\ndata: y\n\n",
            [ServerSentEvent(name: "message", data: "x", id: "7"), ServerSentEvent(name: "message", data: "y", id: "7")]
        ),
        ("data\n\n", [ServerSentEvent(name: "message", data: "", id: nil)]),
        ("event: nothing\n\n", []),
        ("retry: 10\nunknown: x\ndata: x\n\n", [ServerSentEvent(name: "message", data: "x", id: nil)]),
        ("\u{FEFF}data: x\n\n", [ServerSentEvent(name: "message", data: "x", id: nil)]),
        ("data: é 🍎\n\n", [ServerSentEvent(name: "message", data: "é 🍎", id: nil)]),
        ("data: unfinished\n", []),
        ("", []),
    ]

    @Test("are the same wherever the bytes are cut in two", arguments: streams)
    func cutAnywhere(_ stream: (text: String, events: [ServerSentEvent])) throws {
        let bytes = Array(stream.text.utf8)
        for cut in 0...bytes.count {
            var parser = ServerSentEventParser(limit: 1_000)
            let events = try parser.read(bytes[..<cut]) + parser.read(bytes[cut...])
            #expect(events == stream.events, "cut at \(cut)")
        }
    }

    @Test("are the same byte by byte", arguments: streams)
    func byteByByte(_ stream: (text: String, events: [ServerSentEvent])) throws {
        var parser = ServerSentEventParser(limit: 1_000)
        let events = try Array(stream.text.utf8).flatMap { try parser.read([$0]) }
        #expect(events == stream.events)
    }

    @Test("larger than the limit are refused, many small ones are not")
    func limit() throws {
        var parser = ServerSentEventParser(limit: 20)
        for _ in 0..<100 { #expect(try parser.read(Array("data: 0123456789\n\n".utf8)).count == 1) }
        #expect(throws: ServerSentEventParser.TooLarge.self) { try parser.read(Array("data: 01234\ndata: 0123456789\n\n".utf8)) }
        var other = ServerSentEventParser(limit: 20)
        #expect(throws: ServerSentEventParser.TooLarge.self) { try other.read(Array(repeating: UInt8(ascii: "x"), count: 21)) }
    }
}
