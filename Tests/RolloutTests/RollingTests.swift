import IngotModel
import Rollout
import Simulation
import Testing

@Suite("Rolling")
struct RollingTests {
    private static func rolling(surge: Int, unavailable: Int) -> Strategy {
        .rolling(RollingUpdate(surge: .count(surge), unavailable: .count(unavailable)))
    }

    /// Release 1 serves and release 2 takes its place.
    private static func replacing(_ instances: Int, surge: Int = 1, unavailable: Int = 0) -> Planner {
        var planner = Planner.serving(1, instances: instances, strategy: rolling(surge: surge, unavailable: unavailable))
        planner.deploy(2)
        return planner
    }

    @Test("a service of one instance does not go dark: the old one leaves when the new one is healthy")
    func oneInstance() {
        var planner = Self.replacing(1)
        #expect(planner.size(1) == 1 && planner.size(2) == 1)
        planner.see(2, [.starting])
        planner.pass()
        #expect(planner.target.leaving.isEmpty && planner.isTraffic(on: 1))
        planner.see(2, [.up])
        planner.pass()
        #expect(planner.isTraffic(on: 2) && planner.phase == "switching")
    }

    @Test(
        "the new fleet begins within the surge, and the old one gives up what may be missing",
        arguments: [(1, 0, 1, 0), (2, 0, 2, 0), (0, 1, 0, 1), (0, 2, 0, 2), (1, 1, 1, 1), (9, 0, 4, 0)] as [(Int, Int, Int, Int)])
    func first(surge: Int, unavailable: Int, started: Int, leaving: Int) {
        let planner = Self.replacing(4, surge: surge, unavailable: unavailable)
        #expect(planner.size(2) == started)
        #expect(planner.target.leaving.count == leaving)
        #expect(planner.size(1) == 4, "who leaves counts until he is told to end")
    }

    @Test("an old instance that is broken leaves first, and does not hold up its own replacement")
    func brokenFirst() {
        var planner = Self.replacing(3)
        planner.see(1, [.up, .down, .up])
        planner.see(2, [.up])
        planner.pass()
        #expect(planner.target.leaving.map(\.instance) == [InstanceID(random: 101)])
    }

    @Test("with all of the old instances broken, the new release comes all the same, and has the traffic at once")
    func allBroken() {
        var planner = Self.replacing(2)
        planner.see(1, [.down, .down])
        planner.see(2, [.up])
        planner.pass()
        #expect(planner.isTraffic(on: 2) && planner.target.leaving.count >= 1)
    }

    @Test("who leaves serves nobody any more: he does not count among the healthy that must stay")
    func leaversAreGone() {
        var planner = Self.replacing(2)
        planner.see(2, [.up])
        planner.pass()
        #expect(planner.target.leaving.count == 1)
        // The router has not yet taken the leaver out: it looks as if three were healthy.
        planner.pass()
        #expect(planner.target.leaving.count == 1)
    }

    @Test("what was asked for and not yet begun gives way to an old instance that came back")
    func surgeCountsWhatIsThere() {
        var planner = Self.replacing(2)
        #expect(planner.size(2) == 1)
        // The engine started one more of the old release than it was asked for, and none of the new one yet.
        planner.see(1, [.up, .up, .up])
        planner.pass()
        #expect(planner.size(1) + planner.size(2) <= 3)
    }

    @Test("going back, the old instances return within the same bounds")
    func wayBack() {
        var planner = Self.replacing(2)
        planner.see(2, [.up])
        planner.pass()
        planner.see(1, [.up])
        planner.observation.split = planner.target.split
        planner.pass(commands: [.abort(reason: "it is enough")])
        #expect(planner.phase == "returning" && planner.size(1) == 2 && planner.size(2) == 1)
        planner.see(1, [.up, .up])
        planner.pass()
        #expect(planner.isTraffic(on: 1) && planner.isDraining(2))
        planner.seeTraffic(on: 1)
        planner.pass()
        #expect(planner.returnReason == "it is enough")
    }

    @Test("a pause stops the trade where it is, and going on goes on")
    func pause() {
        var planner = Self.replacing(2)
        planner.pass(commands: [.pause])
        planner.see(2, [.up])
        planner.pass()
        #expect(planner.target.leaving.isEmpty && planner.size(2) == 1)
        planner.pass(commands: [.resume])
        #expect(planner.target.leaving.count == 1)
    }

    @Test("time that passes while it is paused does not count, also when an instance came up meanwhile")
    func pausedTime() {
        var planner = Self.replacing(2)
        planner.pass(after: 5_000)
        planner.pass(commands: [.pause])
        planner.now = planner.now + .minutes(10)
        planner.see(2, [.up])
        planner.pass()
        planner.pass(commands: [.resume])
        #expect(planner.phase == "replacing")
        #expect(planner.state.rollout.map { $0.phaseSince <= planner.now } == true, "no phase begins in the future")
        planner.pass(after: RolloutTiming.simulated.progressDeadline)
        #expect(planner.returnReason?.contains("1 of 2 instances") == true)
    }
}
