import IngotModel
import Rollout
import Simulation
import Testing

@Suite("Canary")
struct CanaryTests {
    private static let steps: Strategy = .canary(
        Canary(
            steps: [500, 2_500, 7_500, 10_000].map { Canary.Step(share: BasisPoints($0)) },
            testers: TesterMark(place: .header, name: "X-Tester", value: "yes"), isSticky: true))

    /// Release 1 serves with so many instances, and release 2 has its first users.
    private static func soaking(_ instances: Int = 4) -> Planner {
        var planner = Planner.serving(1, instances: instances, strategy: steps)
        planner.deploy(2)
        planner.see(2, [.up])
        planner.pass()
        planner.observation.split = planner.target.split
        planner.pass()
        return planner
    }

    private static func share(_ planner: Planner, of release: Int) -> Int { planner.target.split[ReleaseNumber(release)].value }

    @Test("it climbs by its steps, each with as many instances as its share needs, and the old release stays whole")
    func climbs() {
        var planner = Self.soaking()
        var seen: [[Int]] = []
        for _ in 0..<4 {
            seen.append([Self.share(planner, of: 2), planner.size(2), planner.size(1)])
            planner.pass(after: RolloutTiming.simulated.soak)
            planner.see(2, Array(repeating: .up, count: planner.size(2)))
            planner.pass()
            planner.observation.split = planner.target.split
            planner.pass()
        }
        #expect(seen == [[500, 1, 4], [2_500, 1, 4], [7_500, 3, 4], [10_000, 4, 4]])
        #expect(planner.state.rollout == nil && planner.state.serving == ReleaseNumber(2))
    }

    @Test("no step is taken before the router has the one before in force")
    func waitsForTheRouter() {
        var planner = Planner.serving(1, instances: 4, strategy: Self.steps)
        planner.deploy(2)
        planner.see(2, [.up])
        planner.pass()
        planner.pass(after: RolloutTiming.simulated.soak)
        #expect(planner.phase == "switching" && Self.share(planner, of: 2) == 500)
    }

    @Test("scaling belongs to the rollout: the canary keeps what its step needs, and the old release what it is scaled to")
    func scaling() {
        var planner = Self.soaking()
        planner.pass(commands: [.scale(40)])
        #expect(planner.size(1) == 40 && planner.size(2) == 2)
        planner.pass(commands: [.scale(1)])
        #expect(planner.size(2) == 1 && Self.share(planner, of: 2) == 500)
    }

    @Test("testers and visitors are known as long as both releases have users")
    func marks() {
        var planner = Planner.serving(1, instances: 4, strategy: Self.steps)
        planner.deploy(2)
        #expect(planner.target.testers == nil && planner.target.sticky == nil)
        planner = Self.soaking()
        #expect(planner.target.testers?.release == ReleaseNumber(2) && planner.target.sticky != nil)
        planner.pass(commands: [.promote(isFull: true)])
        planner.see(2, [.up, .up, .up, .up])
        planner.pass()
        #expect(planner.isTraffic(on: 2) && planner.target.sticky == nil)
    }

    @Test("a promotion skips this step's wait, one in full all of them, and neither skips health")
    func promotion() {
        var planner = Self.soaking()
        planner.pass(commands: [.promote(isFull: false)])
        #expect(planner.state.rollout?.course.step == 1)
        planner.pass(commands: [.promote(isFull: true)])
        #expect(planner.size(2) == 4 && Self.share(planner, of: 2) == 2_500, "the whole moves when all are healthy")
    }

    @Test("a canary that falls ill goes back, and the old release has all traffic again")
    func goesBack() {
        var planner = Self.soaking()
        planner.see(2, [.down])
        planner.pass()
        #expect(planner.phase == "returning" && planner.isTraffic(on: 1))
    }

    @Test("where it supersedes a rolling rollout half way, the old releases keep their shares of the rest, as often as one looks")
    func supersedesRolling() {
        var planner = Planner.serving(1, instances: 4, strategy: .rolling(RollingUpdate(surge: .count(1), unavailable: .count(0))))
        planner.releases[ReleaseNumber(3)]?.strategy = Self.steps
        planner.deploy(2)
        planner.see(2, [.up])
        planner.pass()
        planner.observation.split = planner.target.split
        planner.deploy(3)
        planner.see(3, [.up])
        planner.see(1, [.starting, .starting, .starting, .starting])
        planner.see(2, [.starting])
        planner.pass()
        let first = planner.target.split
        planner.pass()
        #expect(planner.target.split == first && Self.share(planner, of: 3) == 500)
        #expect(Self.share(planner, of: 1) > Self.share(planner, of: 2) && Self.share(planner, of: 2) > 0)
    }
}
