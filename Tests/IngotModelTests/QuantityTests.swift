import IngotModel
import Simulation
import Testing

@Suite("Lengths of time")
struct MillisecondsTests {
    @Test(
        "a length is read as people write it, and written so again",
        arguments: [
            ("0s", 0), ("1ms", 1), ("250ms", 250), ("30s", 30_000), ("10m", 600_000), ("24h", 86_400_000), ("7d", 604_800_000),
            ("1h30m", 5_400_000), ("1m1s1ms", 61_001),
        ] as [(String, Int)])
    func reads(text: String, count: Int) throws {
        let length = try #require(Milliseconds(text: text))
        #expect(length.count == count)
        #expect(Milliseconds(text: length.description) == length)
    }

    @Test(
        "a length without a unit, or in a wrong order, is a guess and refused",
        arguments: ["", "5", "s", "5 s", "-5s", "1.5s", "5S", "5sec", "1m1h", "1s1s", "5s ", "٥s", "99999999999999999999s", "9223372036854775807d"])
    func refuses(text: String) { #expect(Milliseconds(text: text) == nil) }

    @Test("no sum traps")
    func saturates() {
        let most = Milliseconds(.max), least = Milliseconds(.min)
        #expect(most + 1 == most && least - 1 == least && least + least == least)
        #expect(Milliseconds(0) - least == most)
        #expect(!least.description.isEmpty && !most.description.isEmpty)
        #expect(Milliseconds.minutes(.max) == most && Milliseconds.seconds(.min) == least)
        #expect(Timestamp(millisecondsSince1970: .max) + 1 == Timestamp(millisecondsSince1970: .max))
        #expect(Timestamp(millisecondsSince1970: .min) - Timestamp(millisecondsSince1970: .max) == least)
        #expect(!Timestamp(millisecondsSince1970: .min).text.isEmpty && !Timestamp(secondsSince1970: .max).text.isEmpty)
        #expect(ByteSize(.max) + ByteSize(.max) == ByteSize(.max))
    }

    @Test("a negative length is written with its sign")
    func negative() { #expect(Milliseconds(-90_000).description == "-1m30s") }

    @Test("in JSON it is a number")
    func inJSON() throws { #expect(try json(Milliseconds(250)) == "250" && value(Milliseconds.self, from: "250") == 250) }
}

@Suite("Numbers of bytes")
struct ByteSizeTests {
    @Test(
        "binary and decimal units are kept apart",
        arguments: [
            ("4096", 4_096), ("10B", 10), ("1KiB", 1_024), ("1kB", 1_000), ("256MiB", 268_435_456), ("500MB", 500_000_000),
            ("1.5GiB", 1_610_612_736), ("0", 0), ("1TiB", 1_099_511_627_776),
        ] as [(String, Int)])
    func reads(text: String, bytes: Int) { #expect(ByteSize(text: text)?.bytes == bytes) }

    @Test(
        "what is no size is refused",
        arguments: ["", "MiB", "-1MiB", "1 MiB", "1mib", "1MiBs", "1.2.3MiB", "1e9", ".", "99999999999999TiB", "inf", "nan"])
    func refuses(text: String) { #expect(ByteSize(text: text) == nil) }

    @Test(
        "it is written in binary units with one digit after the point at most",
        arguments: [(0, "0 B"), (1_023, "1023 B"), (1_024, "1 KiB"), (1_536, "1.5 KiB"), (268_435_456, "256 MiB"), (12_897_485, "12.3 MiB")]
            as [(Int, String)])
    func writes(bytes: Int, text: String) { #expect(ByteSize(bytes).description == text) }
}

@Suite("Moments")
struct TimestampTests {
    @Test(
        "known dates are at their known milliseconds",
        arguments: [
            ("1970-01-01T00:00:00.000Z", 0), ("1969-12-31T23:59:59.999Z", -1), ("2000-02-29T12:00:00.000Z", 951_825_600_000),
            ("2026-11-23T16:18:15.042Z", 1_795_450_695_042), ("2038-01-19T03:14:08.000Z", 2_147_483_648_000),
            ("1900-03-01T00:00:00.000Z", -2_203_891_200_000), ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
        ] as [(String, Int)])
    func known(text: String, milliseconds: Int) throws {
        #expect(try #require(Timestamp(text: text)).millisecondsSince1970 == milliseconds)
        #expect(Timestamp(millisecondsSince1970: milliseconds).text == text)
    }

    @Test("any moment of ten thousand years is read as it was written")
    func roundTrip() {
        var generator = SeededGenerator(seed: 20_261_123)
        for _ in 0..<2_000 {
            let moment = Timestamp(millisecondsSince1970: generator.number(in: -62_135_596_800_000...253_402_300_799_999))
            #expect(Timestamp(text: moment.text) == moment)
        }
    }

    @Test(
        "the fraction of a second may have one to nine digits",
        arguments: [("", 0), (".5", 500), (".05", 50), (".042", 42), (".0425", 42), (".999999999", 999)] as [(String, Int)])
    func fraction(text: String, milliseconds: Int) {
        #expect(Timestamp(text: "1970-01-01T00:00:00\(text)Z")?.millisecondsSince1970 == milliseconds)
    }

    @Test(
        "a date that does not exist, another zone or another form is refused",
        arguments: [
            "", "2026-11-23", "2026-11-23T16:18:15", "2026-11-23 16:18:15Z", "2026-11-23T16:18:15+01:00", "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-01-00T00:00:00Z",
            "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00.0000000000Z",
            "2026-01-01T00:00:00,5Z", "２026-01-01T00:00:00Z", "-026-01-01T00:00:00Z",
        ])
    func refuses(text: String) { #expect(Timestamp(text: text) == nil) }

    @Test("moments and lengths add up")
    func arithmetic() throws {
        let moment = try #require(Timestamp(text: "2026-12-31T23:59:59.500Z"))
        #expect((moment + 500).text == "2027-01-01T00:00:00.000Z")
        #expect((moment + 500) - moment == 500)
        #expect(Timestamp(millisecondsSince1970: -1).secondsSince1970 == -1)
    }
}
