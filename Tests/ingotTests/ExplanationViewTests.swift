import API
import IngotModel
import Testing

@testable import ingot

@Suite struct ExplanationViewTests {
    private static let now = ViewTests.now

    private static func ago(_ seconds: Int) -> Timestamp { Timestamp(secondsSince1970: now.secondsSince1970 - seconds) }

    private static func canary(phase: String = "soaking") -> RolloutStatus {
        RolloutStatus(
            number: Generation(3), kind: "deploy", release: ReleaseNumber(7), from: ReleaseNumber(6), phase: phase, phaseSince: ago(12),
            acceptedAt: ago(13),
            steps: [
                RolloutStep(at: ago(13), what: "deploy release 7 in place of release 6"),
                RolloutStep(at: ago(12), what: "the router sends 25% of the traffic to release 7"),
            ])
    }

    private static func step(_ after: Milliseconds, decided: [String] = [], awaiting: [String] = []) -> DeploymentPlan.Step {
        DeploymentPlan.Step(after: after, sizes: [], split: .empty, decided: decided, awaiting: awaiting)
    }

    private static let soak = AwaitedStatus(
        what: "release 7 to stay healthy under 25% of the traffic for 30s", hindrance: nil, since: ago(12),
        until: Timestamp(secondsSince1970: 1_000_018), otherwise: "the next step begins")

    /// Without the overview above and the instances below.
    private func lines(
        _ status: EnvironmentStatus, servingSince: Timestamp? = nil, next: [DeploymentPlan.Step] = [], width: Int? = nil
    ) -> [String] {
        let explanation = Explanation(status: status, servingSince: servingSince, next: next)
        let all = ExplanationView(value: explanation, now: Self.now).lines(TextStyle(isColoured: false, width: width))
        return Array(all.drop { !$0.isEmpty }.dropFirst().prefix { !$0.isEmpty })
    }

    @Test("a rollout under way: what is done, what is awaited since when and how long yet, what comes next")
    func underWay() {
        let status = ViewTests.status(rollout: Self.canary(), awaiting: [Self.soak])
        let next = [
            Self.step(0), Self.step(18_000, decided: ["step 2 of 2: 100% of the traffic, by 4 instances"]),
            Self.step(48_000, decided: ["release 7 has succeeded"]),
        ]
        #expect(
            lines(status, next: next) == [
                "deploy of release 7 in place of release 6, asked 13 s ago",
                "done",
                "     0 ms  deploy release 7 in place of release 6",
                "   1.00 s  the router sends 25% of the traffic to release 7",
                "now",
                "     12 s  soaking; 100% to release 6",
                "     12 s  waits for release 7 to stay healthy under 25% of the traffic for 30s",
                "           18 s left, then the next step begins",
                "next, if all goes well",
                "    +18 s  step 2 of 2: 100% of the traffic, by 4 instances",
                "    +48 s  release 7 has succeeded",
            ])
    }

    @Test(
        "a wait is told as what it is",
        arguments: [
            ("release 5, kept warm", "release 5, kept warm"),
            ("0 of 4 instances of release 3 healthy", "0 of 4 instances of release 3 healthy so far"),
            ("somebody to promote release 2", "waits for somebody to promote release 2"),
        ])
    func sentences(what: String, sentence: String) {
        let awaited = AwaitedStatus(what: what, hindrance: "L4CON", until: nil, otherwise: nil)
        #expect(AwaitedWords.sentences(awaited) == [sentence, "hindered by: L4CON"])
    }

    @Test("in a narrow terminal nothing is wider than it, and nothing is cut", arguments: [40, 60, 100])
    func narrow(width: Int) {
        var status = ViewTests.status(rollout: Self.canary(), awaiting: [Self.soak], problems: [String(repeating: "x", count: 90)])
        status.fleets = []
        let explanation = Explanation(status: status, servingSince: nil, next: [Self.step(18_000, decided: ["step 2 of 2: 100% of the traffic"])])
        let all = ExplanationView(value: explanation, now: Self.now).lines(TextStyle(isColoured: false, width: width))
        #expect(all.allSatisfy { $0.count <= width }, "\(all.joined(separator: "\n"))")
        let words = all.joined(separator: " ").split(separator: " ").joined(separator: " ")
        #expect(words.contains("waits for release 7 to stay healthy under 25% of the traffic for 30s 18 s left, then the next step begins"))
    }

    @Test("a wait without an end says why, and what hinders it; what is awaited now is not to come")
    func openEnd() {
        let promotion = AwaitedStatus(
            what: "somebody to resume the rollout", hindrance: "the database is slow", since: Self.ago(120), until: nil, otherwise: nil,
            openEnd: "no time is set: somebody has to act")
        let status = ViewTests.status(rollout: Self.canary(), awaiting: [promotion])
        #expect(
            lines(status, next: [Self.step(0, awaiting: ["somebody to resume the rollout"])]).dropFirst(5) == [
                "     12 s  soaking; 100% to release 6",
                "       2m  waits for somebody to resume the rollout",
                "           hindered by: the database is slow",
                "           no time is set: somebody has to act",
            ])
    }

    @Test("at rest: what serves since when, what is kept warm until when, who holds it, and what went wrong last")
    func atRest() {
        let warm = AwaitedStatus(
            what: "release 5, kept warm", hindrance: nil, since: Self.ago(20), until: Timestamp(secondsSince1970: 1_000_040), otherwise: "it ends")
        var status = ViewTests.status(awaiting: [warm], problems: ["1 of 2 instances of release 6 are healthy"])
        status.lastRollout = ProofViewTests.record(.returned)
        status.lastRollout?.reason = "it kept ending"
        status.lastRollout?.endedAt = Self.ago(3_600)
        let reading = ClockReading(wall: Self.ago(60), sinceBoot: 0, boot: "")
        status.lock = LockStatus(
            Lease(
                holder: "user:ann", reason: "black friday", token: FencingToken(3), attempt: "a", acquired: Self.ago(60), renewed: reading,
                length: .minutes(60), isKept: true))
        #expect(
            lines(status, servingSince: Self.ago(1_200), next: [Self.step(40_000, decided: ["release 5 ends"])]) == [
                "now",
                "      20m  release 6 serves",
                "           problem: 1 of 2 instances of release 6 are healthy",
                "     20 s  release 5, kept warm",
                "           40 s left, then it ends",
                "       1m  locked by user:ann: black friday",
                "           59m left, then anybody may deploy",
                "       1h  release 7 went back: it kept ending",
                "next, if all goes well",
                "    +40 s  release 5 ends",
            ])
    }

    @Test("of many steps the newest that are done and the next are shown, and the others counted")
    func many() {
        var rollout = Self.canary()
        rollout.steps = (1...20).map { RolloutStep(at: Self.ago(13), what: "step \($0)") }
        let all = lines(
            ViewTests.status(rollout: rollout), next: (1...11).map { Self.step(.seconds($0), decided: ["next \($0)"]) })
        #expect(all.contains("           12 steps before; `ingot events` has all") && all.contains("           3 steps more"))
        #expect(all.contains("     0 ms  step 13") && !all.contains("     0 ms  step 12"))
    }

    @Test("an environment that is empty says what to do")
    func empty() {
        var status = ViewTests.status()
        status.serving = nil
        status.fleets = []
        #expect(lines(status) == ["now", "           nothing is deployed here; `ingot deploy shop/production` with an image does"])
    }

    @Test("what is awaited is counted down in place, and wrapped and not cut")
    func countdown() {
        var board = ProgressBoard()
        board.wait("wait-0", Self.soak, at: Self.now)
        let style = TextStyle(isColoured: false, width: 60)
        let later = Timestamp(millisecondsSince1970: Self.now.millisecondsSince1970 + 5_500)
        #expect(
            board.frame(at: later, style) == [
                "     17 s  waits for release 7 to stay healthy under 25% of", "           the traffic for 30s",
                "           13 s left, then the next step begins",
            ])
        board.keep(only: [])
        #expect(board.frame(at: later, style).isEmpty)
    }

    @Test("where nothing is redrawn, what changes is told in one line, with its time")
    func told() {
        let accepted = DeploymentAccepted(
            environment: ViewTests.production, release: ReleaseNumber(7), image: ProofViewTests.image, acceptedAt: Self.ago(13))
        #expect(
            RolloutExplainer.lines([Self.soak], ["the router can't be reached"], accepted, Self.now) == [
                "   13.0 s  waits for release 7 to stay healthy under 25% of the traffic for 30s; 18 s left, then the next step begins",
                "   13.0 s  problem: the router can't be reached",
            ])
    }

    @Test(
        "text is wrapped at spaces, and a word that is too long where it has to be",
        arguments: [
            ("", [""]), ("a b", ["a b"]), ("aaaaaaaaaaaa bbbbbbbb cc", ["aaaaaaaaaaaa", "bbbbbbbb cc"]),
            ("aaaaaaaaaaaaaaaaaaaaaaaaa b", ["aaaaaaaaaaaaaaaaaaaa", "aaaaa b"]),
        ])
    func wrapped(text: String, lines: [String]) { #expect(TimedRows.wrapped(text, to: 20) == lines) }

    @Test("a plan that is too wide for a table is told step by step")
    func narrowPlan() {
        let plan = DeploymentPlan(
            environment: ViewTests.production, release: ReleaseNumber(2), image: ProofViewTests.image, strategy: "blue-green",
            serving: ReleaseNumber(1),
            steps: [
                DeploymentPlan.Step(
                    after: 0, sizes: [FleetSize(release: ReleaseNumber(1), size: 2), FleetSize(release: ReleaseNumber(2), size: 2)],
                    split: .all(to: ReleaseNumber(1)), decided: ["deploy release 2 in place of release 1"], awaiting: []),
                DeploymentPlan.Step(
                    after: 2_000, sizes: [FleetSize(release: ReleaseNumber(1), size: 2), FleetSize(release: ReleaseNumber(2), size: 2)],
                    split: .all(to: ReleaseNumber(1)), decided: ["release 2 has succeeded"], awaiting: []),
            ])
        #expect(
            PlanView(value: plan).lines(TextStyle(isColoured: false, width: 60)) == [
                "shop/production: release 2 of image abababababab, in place", "of release 1, by blue-green", "",
                "       0s  deploy release 2 in place of release 1",
                "           2 of release 1, 2 of release 2; 100% to release 1",
                "       2s  release 2 has succeeded",
            ])
    }
}
