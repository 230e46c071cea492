import IngotModel
import Testing

@Suite("Splits")
struct SplitTests {
    static let one = ReleaseNumber(1), two = ReleaseNumber(2)

    @Test("shares that sum to the whole are a split, and those of nothing are left out")
    func sums() throws {
        let split = try #require(Split([Self.one: BasisPoints(9_500), Self.two: BasisPoints(500), ReleaseNumber(3): .none]))
        #expect(split.shares.count == 2)
        #expect(split[Self.two] == BasisPoints(500) && split[ReleaseNumber(3)] == .none)
        #expect(split.description == "95% to release 1, 5% to release 2")
        #expect(try value(Split.self, from: json(split)) == split)
    }

    @Test(
        "other shares are none",
        arguments: [[:], [one: 9_999], [one: 10_001], [one: 10_100, two: -100], [one: .max, two: .max], [one: .min, two: .max]]
            as [[ReleaseNumber: Int]])
    func refuses(shares: [ReleaseNumber: Int]) { #expect(Split(shares.mapValues(BasisPoints.init)) == nil) }

    @Test("no traffic for anybody is an empty list")
    func empty() throws {
        #expect(try json(Split.empty) == "[]")
        #expect(try value(Split.self, from: "[]") == .empty)
        #expect(Split.empty.description == "no traffic" && Split.empty != .all(to: Self.one))
    }

    @Test(
        "JSON with shares that do not sum up, or that names a release twice, is an error",
        arguments: [
            #"[{"release":1,"basisPoints":5000}]"#, #"[{"release":1,"basisPoints":10000},{"release":1,"basisPoints":0}]"#,
            #"[{"release":1,"basisPoints":9223372036854775807},{"release":2,"basisPoints":9223372036854775807}]"#,
        ])
    func refuses(text: String) {
        #expect(throws: DecodingError.self) { try value(Split.self, from: text) }
    }

    @Test(
        "shares are written as percentages without needless zeros",
        arguments: [(10_000, "100%"), (500, "5%"), (25, "0.25%"), (5, "0.05%"), (1_250, "12.5%"), (0, "0%")] as [(Int, String)])
    func percentages(value: Int, text: String) { #expect(BasisPoints(value).description == text) }
}
