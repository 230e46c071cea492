import Testing

@testable import RegistryServer

@Suite("A range")
struct ByteRangeTests {
    @Test(
        "of a blob of 100 bytes is answered as HTTP says",
        arguments: [
            (nil, .all), ("bytes=0-", .part(0..<100)), ("bytes=0-0", .part(0..<1)), ("bytes=10-19", .part(10..<20)),
            ("bytes=90-200", .part(90..<100)),
            ("bytes=99-9223372036854775807", .part(99..<100)), ("bytes=-10", .part(90..<100)), ("bytes=-1000", .part(0..<100)),
            ("bytes=-0", .unsatisfiable), ("bytes=100-", .unsatisfiable), ("bytes=99999999999999999999-", .unsatisfiable), ("bytes=20-10", .all),
            ("bytes=-", .all), ("bytes=", .all), ("bytes=a-b", .all), ("bytes=0-1,5-6", .all), ("lines=0-1", .all), ("bytes=1--2", .all),
        ] as [(String?, ByteRange.Answer)])
    func blob(header: String?, answer: ByteRange.Answer) { #expect(ByteRange.answer(header, size: 100) == answer) }

    @Test("of a blob without bytes is none")
    func empty() {
        #expect(ByteRange.answer("bytes=0-", size: 0) == .unsatisfiable)
        #expect(ByteRange.answer("bytes=-5", size: 0) == .unsatisfiable)
        #expect(ByteRange.answer(nil, size: 0) == .all)
    }

    @Test(
        "of a chunk has both ends in it",
        arguments: [
            ("0-0", 0..<1), ("0-99", 0..<100), ("5-9", 5..<10), ("bytes 5-9/*", 5..<10), ("bytes=5-9", 5..<10), ("9-5", nil), ("-5", nil),
            ("5-", nil),
            ("", nil), ("a", nil), ("0-9223372036854775807", nil), ("0-99999999999999999999", nil), ("1-2-3", nil),
        ] as [(String, Range<Int>?)])
    func chunk(header: String, range: Range<Int>?) { #expect(ByteRange.chunk(header) == range) }
}

@Suite("A page of a list")
struct PageTests {
    private static let names = ["a", "b", "c", "d"]

    private static func part(_ query: Substring, most: Int = 1_000) throws -> ([String], Bool) {
        let part = try Page(RequestQuery(query), most: most).part(of: names) { $0 }
        return (part.items, part.isLast)
    }

    @Test(
        "has what was asked for, and says when more follows",
        arguments: [
            ("", ["a", "b", "c", "d"], true), ("n=2", ["a", "b"], false), ("n=4", ["a", "b", "c", "d"], true), ("n=2&last=b", ["c", "d"], true),
            ("last=bb", ["c", "d"], true), ("n=0", [], false), ("last=z", [], true), ("n=2147483648", ["a", "b", "c", "d"], true),
            ("n=99999999999999999999999999", ["a", "b", "c", "d"], true),
        ])
    func parts(query: String, items: [String], isLast: Bool) throws {
        let part = try Self.part(query[...])
        #expect(part.0 == items && part.1 == isLast)
    }

    @Test("is never longer than the server's bound")
    func bounded() throws {
        let part = try Self.part("n=2147483648", most: 3)
        #expect(part.0 == ["a", "b", "c"] && !part.1)
    }
}
