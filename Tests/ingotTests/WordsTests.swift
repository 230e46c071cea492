import IngotModel
import Testing

@testable import ingot

@Suite struct WordsTests {
    @Test(
        "times have about three digits",
        arguments: [
            (0, "0 ms"), (4, "4 ms"), (999, "999 ms"), (1_000, "1.00 s"), (1_254, "1.25 s"), (9_999, "10.00 s"), (12_340, "12.3 s"),
            (60_000, "1m"), (90_000, "1m30s"), (3_600_000, "1h"), (5_400_000, "1h30m"), (86_400_000, "1d"), (97_200_000, "1d3h"),
        ])
    func time(milliseconds: Int, text: String) {
        #expect(Words.time(Milliseconds(milliseconds)) == text)
    }

    @Test(
        "latencies may be fractions",
        arguments: [(nil, "–"), (0.04, "0.0 ms"), (0.84, "0.8 ms"), (9.96, "10.0 ms"), (12.4, "12 ms"), (1_500, "1.50 s"), (Double.nan, "–")]
            as [(Double?, String)])
    func latency(milliseconds: Double?, text: String) {
        #expect(Words.latency(milliseconds) == text)
    }

    @Test(
        "large numbers have commas",
        arguments: [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567"), (-1_000, "-1,000"), (Int.min, "-9,223,372,036,854,775,808")])
    func count(number: Int, text: String) {
        #expect(Words.count(number) == text)
    }

    @Test("a noun follows its number")
    func noun() {
        #expect(Words.count(1, "instance") == "1 instance")
        #expect(Words.count(1_200, "request") == "1,200 requests")
    }

    @Test(
        "ages are coarse",
        arguments: [(0, "now"), (12_000, "12 s ago"), (180_000, "3m ago"), (7_260_000, "2h1m ago"), (200_000_000, "2d ago"), (-5_000, "in 5 s")])
    func ago(age: Int, text: String) {
        let now = Timestamp(secondsSince1970: 1_000_000_000)
        #expect(Words.ago(Timestamp(millisecondsSince1970: now.millisecondsSince1970 - age), now: now) == text)
    }

    @Test("what a program prints can't move the cursor")
    func safe() {
        #expect(Terminal.safe("a\u{1B}[2Jb\u{9B}c\td\u{7}") == "a\u{FFFD}[2Jb\u{FFFD}c\td\u{FFFD}")
        #expect(Terminal.safe("grün ✓") == "grün ✓")
    }
}
