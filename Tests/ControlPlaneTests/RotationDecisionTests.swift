import IngotModel
import Secrets
import Simulation
import Testing

@testable import ControlPlane

@Suite("Whether new values of secrets are rolled out")
struct RotationDecisionTests {
    private static let start = Timestamp(secondsSince1970: 1_000)
    private static func version(_ number: Int) -> Digest { imageDigest(number) }

    /// A secret that has had these versions, and changed to the last so long ago.
    private static func reading(_ name: String, _ versions: [Int], changed: Milliseconds = .minutes(5)) -> SecretReading {
        var reading = SecretReading(name, .file("/\(name)"))
        for number in versions { reading = reading.after(.success(version(number)), at: start + Milliseconds(-changed.count)) }
        return reading
    }

    private static func question(_ readings: [SecretReading], serving: [String: Int]? = ["A": 1, "B": 1]) -> RotationQuestion {
        RotationQuestion(rotation: .roll, serving: serving?.mapValues { version($0) }, readings: readings, now: start)
    }

    @Test("nothing to do while what serves has what the sources have, or nothing serves")
    func rest() {
        #expect(RotationDecision(Self.question([Self.reading("A", [1]), Self.reading("B", [1])])) == .rest)
        #expect(RotationDecision(Self.question([Self.reading("A", [1, 2])], serving: nil)) == .rest)
        #expect(RotationDecision(Self.question([])) == .rest)
        // A secret that the release does not have, and one that never had a value.
        #expect(RotationDecision(Self.question([Self.reading("C", [1, 2]), SecretReading("A", .file("/A"))])) == .rest)
    }

    @Test("what changed together is one release")
    func together() {
        #expect(RotationDecision(Self.question([Self.reading("B", [1, 2]), Self.reading("A", [1, 3])])) == .roll(["A", "B"]))
        #expect(RotationDecision(Self.question([Self.reading("B", [1]), Self.reading("A", [1, 3])])) == .roll(["A"]))
    }

    @Test("a value that came back to an older one is another value")
    func back() {
        #expect(RotationDecision(Self.question([Self.reading("A", [1, 2, 1])], serving: ["A": 2])) == .roll(["A"]))
    }

    @Test("a value from another place than the release's comes with a deployment")
    func otherPlace() { #expect(RotationDecision(Self.question([Self.reading("A", [7])])) == .rest) }

    @Test("more may change at once: it is waited, and not for ever")
    func settling() {
        var question = Self.question([Self.reading("A", [1, 2], changed: .seconds(4))])
        #expect(RotationDecision(question) == .settle(until: Self.start + .seconds(6)))
        question.readings.append(Self.reading("B", [1, 2], changed: .seconds(1)))
        #expect(RotationDecision(question) == .settle(until: Self.start + .seconds(9)))
        question.readings[0] = Self.reading("A", [1, 2], changed: .seconds(60))
        #expect(RotationDecision(question) == .roll(["A", "B"]))
        question = Self.question([Self.reading("A", [1, 2], changed: .seconds(4))])
        question.isAsked = true
        #expect(RotationDecision(question) == .roll(["A"]))
    }

    @Test("a clock that was set back holds nothing up")
    func setBack() { #expect(RotationDecision(Self.question([Self.reading("A", [1, 2], changed: .minutes(-600))])) == .roll(["A"])) }

    @Test("locks and rollouts are waited for, also when a person asks")
    func hindrance() {
        var question = Self.question([Self.reading("A", [1, 2])])
        question.hindrance = "a rollout is under way"
        #expect(RotationDecision(question) == .wait(["A"], "a rollout is under way"))
        question.isAsked = true
        #expect(RotationDecision(question) == .wait(["A"], "a rollout is under way"))
    }

    @Test("manual: only when a person asks")
    func manual() {
        var question = Self.question([Self.reading("A", [1, 2])])
        question.rotation = .manual
        guard case .wait(["A"], _) = RotationDecision(question) else { return #expect(Bool(false)) }
        question.isAsked = true
        #expect(RotationDecision(question) == .roll(["A"]))
    }

    @Test("what somebody went away from comes back only when a person asks; a newer value does not wait for that")
    func left() {
        var question = Self.question([Self.reading("A", [1, 2])])
        question.left = [["A": Self.version(2), "B": Self.version(1)]]
        guard case .wait(["A"], _) = RotationDecision(question) else { return #expect(Bool(false)) }
        question.readings.append(Self.reading("B", [1, 5]))
        #expect(RotationDecision(question) == .roll(["B"]))
        question.isAsked = true
        #expect(RotationDecision(question) == .roll(["A", "B"]))
        question.isAsked = false
        question.readings = [Self.reading("A", [1, 2, 3])]
        #expect(RotationDecision(question) == .roll(["A"]))
    }

    @Test("whatever is seen, only what differs is rolled, never without a version, and never against a hindrance", arguments: 1...50)
    func properties(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
        for _ in 0..<200 {
            var readings: [SecretReading] = []
            for name in ["A", "B", "C"] where pick(0...3) > 0 {
                let versions = (0..<pick(0...3)).map { _ in pick(1...4) }
                readings.append(Self.reading(name, versions, changed: .seconds(pick(-100...100))))
            }
            var question = Self.question(readings, serving: pick(0...9) == 0 ? nil : ["A": pick(1...4), "B": pick(1...4)])
            question.rotation = pick(0...1) == 0 ? .roll : .manual
            question.isAsked = pick(0...1) == 0
            question.hindrance = pick(0...3) == 0 ? "busy" : nil
            if pick(0...2) == 0 { question.left = [["A": Self.version(pick(1...4))]] }
            switch RotationDecision(question) {
            case .roll(let names):
                #expect(!names.isEmpty && question.hindrance == nil && (question.rotation == .roll || question.isAsked))
                for name in names {
                    let version = readings.first { $0.name == name }?.version
                    #expect(version != nil && version != question.serving?[name])
                    #expect(question.isAsked || !question.left.contains { $0[name] == version })
                }
            case .settle(let until): #expect(until > Self.start && until <= Self.start + RotationQuestion.settling && !question.isAsked)
            case .wait(let names, let why): #expect(!names.isEmpty && !why.isEmpty)
            case .rest: break
            }
        }
    }
}
