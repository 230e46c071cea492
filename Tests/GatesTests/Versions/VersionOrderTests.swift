import Gates
import Simulation
import Testing

@Suite("Orders of versions") struct VersionOrderTests {
    @Test(
        "every published line is agreed with, in both directions",
        .enabled(if: PublishedData.exists("versions"), "SKIPPED: no published orders; set INGOT_TEST_DATA to the folder that has versions/"),
        arguments: PublishedVersions.files)
    func published(_ versions: PublishedVersions) {
        let lines = versions.lines
        #expect(lines.count > 20)
        for line in lines {
            let (left, right) = (versions.order.version(line.left), versions.order.version(line.right))
            #expect(left.compared(to: right) == line.comparison, "\(line.left) \(line.comparison) \(line.right)")
            #expect(right.compared(to: left) == Self.reversed(line.comparison), "\(line.right) against \(line.left)")
        }
    }

    /// Oldest first; in a row with `=` they are the same.
    @Test(
        "versions stand in the order of their ecosystem",
        arguments: [
            (.dpkg, "0~~ 0~~a 0~ 0 0a 0+ 1.0~rc1-1 1.0-1 1.0-1+b1 1.0-1.1 1:0.1"),
            (.apk, "1.2_alpha 1.2_alpha2 1.2_rc1 1.2 1.2-r1 1.2_git3 1.2_p1 1.2b 1.2.0 1.2.01 1.2.1 1.10"),
            (.pep440, "0.1-bulbasaur 1.0.dev1 1.0a1.dev2 1.0a1 1.0b2 1.0rc1 1.0 1.0+a 1.0+2 1.0.post1.dev1 1.0-1 1.1 1!0.1"),
            (.semantic, "1.0.0-1 1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-rc.1 1.0.0 1.0.1 1.10.0"),
            (.go, "go1.21rc2 go1.21.0 v1.21.1-0.20230101000000-abcdefabcdef v1.21.1"),
            (.maven, "1-alpha-1 1-beta 1-m3 1-rc 1-SNAPSHOT 1 1-sp 1-xyz 1-1 1.1"),
            (.rubygems, "1.0.a2 1.0.b 1.0 1.0.1.pre 1.0.1"),
            (.nuget, "1.0.0-a 1.0.0 1.0.0.1-b 1.0.0.1 1.0.1"),
            (.rpm, "1.0~rc1 1.0 1.0-1 1.0^git1 1.0.1 1:0"),
        ] as [(VersionOrder, String)])
    func order(_ order: VersionOrder, _ text: String) {
        let versions = text.split(separator: " ").map { order.version(String($0)) }
        for (index, version) in versions.enumerated() {
            for other in versions[..<index] { #expect(other.compared(to: version) == .older, "\(other) < \(version)") }
            #expect(version.compared(to: version) == .same)
        }
    }

    @Test(
        "other spellings are the same version",
        arguments: [
            (.dpkg, "1.0 0:1.0 1.0-0"), (.pep440, "1.0 v1.0.0 1"), (.pep440, "1.0alpha 1.0-a0 1.0A.0"), (.pep440, "1.0.post1 1.0-1 1.0.rev-1"),
            (.semantic, "1.0.0+a v1.0.0+b 1"), (.go, "go1.21rc2 v1.21.0-rc.2"), (.maven, "1 1.0-ga 1.0.0-final"),
            (.rubygems, "1.0.a2 1.0.a.2"), (.nuget, "1.0 1.0.0.0 1.0+x"),
        ] as [(VersionOrder, String)])
    func same(_ order: VersionOrder, _ text: String) {
        let versions = text.split(separator: " ").map { order.version(String($0)) }
        for version in versions { #expect(versions[0].compared(to: version) == .same, "\(versions[0]) = \(version)") }
    }

    @Test(
        "what is no version is compared with nothing, not even itself",
        arguments: [
            (.dpkg, ":1"), (.dpkg, "a:1"), (.dpkg, "1.0_1"), (.semantic, "latest"), (.semantic, "1.x"), (.go, "devel"), (.nuget, "1.2.3.4.5"),
            (.rubygems, "abc"), (.rubygems, "1.0/2"), (.maven, ""), (.pep440, "1 0"), (.apk, "1\n"),
            (.dpkg, String(repeating: "1", count: 513)),
        ] as [(VersionOrder, String)])
    func invalid(_ order: VersionOrder, _ text: String) {
        let version = order.version(text)
        #expect(!version.isValid)
        #expect(version.compared(to: version) == nil)
        #expect(version.compared(to: order.version("1.0")) == nil)
    }

    @Test("what an ecosystem's tool orders, but its grammar does not know, is not valid")
    func lenient() {
        for (order, text) in [(VersionOrder.apk, "1.2_blah"), (.apk, "1..2"), (.pep440, "0.1-bulbasaur")] {
            #expect(!order.version(text).isValid, "\(text)")
            #expect(order.version(text).compared(to: order.version("1.0")) != nil)
        }
    }

    @Test("versions of two ecosystems are not compared")
    func mixed() {
        #expect(VersionOrder.dpkg.version("1").compared(to: VersionOrder.apk.version("1")) == nil)
    }

    /// Built of what the grammars are built of, so that most are versions and many are close to each other.
    @Test("orders are total: reversible, transitive, and end on anything", arguments: VersionOrder.allCases)
    func total(_ order: VersionOrder) {
        var generator = SeededGenerator(seed: 20_261_126)
        let pieces = [
            "0", "1", "2", "10", "01", ".", "-", "~", "+", ":", "_", "a", "b", "rc", "alpha", "r", "p", "dev", "post", "final", "sp", "v", "^", "é",
        ]
        let versions = (0..<120).map { _ in
            order.version((0...Int.random(in: 0..<7, using: &generator)).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined())
        }.filter { $0.isValid && !(order == .maven && Self.isInMavensCircle($0.text)) }
        #expect(versions.count > 5)
        for first in versions {
            for second in versions {
                let comparison = first.compared(to: second)
                #expect(second.compared(to: first) == comparison.map(Self.reversed), "\(first) and \(second)")
                guard comparison == .older || comparison == .same else { continue }
                for third in versions where second.compared(to: third) == comparison {
                    #expect(first.compared(to: third) == comparison, "\(first), \(second), \(third)")
                }
            }
        }
    }

    @Test("any bytes are read without a trap", arguments: VersionOrder.allCases)
    func anyBytes(_ order: VersionOrder) {
        var generator = SeededGenerator(seed: 5)
        let one = order.version("1.0")
        for _ in 0..<2_000 {
            let bytes = (0..<Int.random(in: 0..<40, using: &generator)).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            let version = order.version(String(decoding: bytes, as: UTF8.self))
            #expect((version.compared(to: one) == nil) == (one.compared(to: version) == nil))
        }
    }

    /// Maven's own rule leads in a circle: 1.x < 1-alpha < 1 < 1.x. Words after a point are in it, and what begins with none.
    private static func isInMavensCircle(_ text: String) -> Bool {
        zip("." + text, text).contains { $0 == "." && !$1.isNumber }
    }

    private static func reversed(_ comparison: VersionComparison) -> VersionComparison {
        switch comparison {
        case .older: .newer
        case .same: .same
        case .newer: .older
        }
    }
}
