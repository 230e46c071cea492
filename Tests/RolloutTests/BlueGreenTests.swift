import IngotModel
import Rollout
import Simulation
import Testing

@Suite("Blue-green")
struct BlueGreenTests {
    @Test("a new fleet starts at full size without traffic")
    func starts() {
        var planner = Planner.serving(1, instances: 2)
        planner.deploy(2)
        #expect(planner.phase == "starting")
        #expect(planner.size(1) == 2 && planner.size(2) == 2)
        #expect(planner.isTraffic(on: 1))
    }

    @Test(
        "traffic moves only when every instance is healthy",
        arguments: [
            ([.up, .starting], false), ([.up, .down], false), ([.up], false), ([.up, .ending], false), ([.up, .up], true),
            ([.up, .up, .ending], true),
        ]
            as [([InstanceObservation.Health], Bool)])
    func healthy(health: [InstanceObservation.Health], moves: Bool) {
        var planner = Planner.serving(1, instances: 2)
        planner.deploy(2)
        planner.see(2, health)
        planner.pass()
        #expect(planner.isTraffic(on: 2) == moves)
        #expect(!planner.isDraining(1), "it must be ready to take the traffic back")
    }

    @Test("traffic does not move while the router can't be asked, whatever was known before")
    func unreachable() {
        var planner = Planner.serving(1)
        planner.deploy(2)
        planner.see(2, [.up])
        planner.observation.split = nil
        planner.pass()
        #expect(planner.phase == "starting" && planner.isTraffic(on: 1))
        #expect(planner.plan.awaiting.contains { $0.hindrance == "the router can't be reached" })
    }

    @Test("at its deadline, and not before, a rollout goes back, and the planner asks to be woken then")
    func deadline() {
        var planner = Planner.serving(1)
        planner.deploy(2)
        planner.see(2, [.starting])
        let deadline = planner.now + RolloutTiming.simulated.progressDeadline
        planner.pass(after: RolloutTiming.simulated.progressDeadline - 1)
        #expect(planner.phase == "starting" && planner.plan.wakeAt == deadline)
        planner.pass(after: 1)
        #expect(planner.returnReason?.contains("0 of 1 instance of release 2") == true)
        #expect(planner.isTraffic(on: 1) && planner.size(1) == 1)
    }

    @Test("a deadline that passed while the daemon was down fires at the first look")
    func deadlineWhileDown() {
        var planner = Planner.serving(1)
        planner.deploy(2)
        planner.pass(after: .minutes(60 * 24))
        #expect(planner.returnReason != nil)
    }

    @Test("an instance may end twice; the third time the rollout gives up", arguments: [(2, false), (3, true)] as [(Int, Bool)])
    func failures(failures: Int, givesUp: Bool) {
        var planner = Planner.serving(1)
        planner.deploy(2)
        planner.see(2, [.starting], failures: failures)
        planner.pass(after: 10)
        #expect((planner.returnReason != nil) == givesUp)
    }

    @Test("failures from before the rollout do not count against it")
    func oldFailures() {
        var planner = Planner.serving(1)
        planner.see(2, [.ending], size: 0, failures: 7, startError: "no address is left")
        planner.pass()
        planner.deploy(2)
        planner.see(2, [.starting], failures: 9)
        planner.pass(after: 10)
        #expect(planner.phase == "starting")
        planner.see(2, [.starting], failures: 1)
        planner.pass(after: 10)
        planner.see(2, [.starting], failures: 3)
        planner.pass(after: 10)
        #expect(planner.returnReason?.contains("3 times") == true || planner.phase == "starting")
    }

    @Test("an engine that can't start an instance ends the rollout at once, with its reason")
    func startError() {
        var planner = Planner.serving(1)
        planner.deploy(2)
        planner.see(2, [], size: 1, startError: "the image is gone")
        planner.pass(after: 10)
        #expect(planner.returnReason == "no instance of release 2 can start: the image is gone")
    }

    @Test("a release of no instances never gets traffic")
    func noInstances() {
        var planner = Planner.serving(1)
        planner.releases[ReleaseNumber(2)]?.instances = 0
        planner.deploy(2)
        planner.pass(after: 10)
        #expect(planner.phase == "starting" && planner.isTraffic(on: 1))
    }

    @Test("a new fleet that dies before the router moved the traffic does not get it")
    func diesInSwitch() {
        var planner = Planner.serving(1)
        planner.deploy(2)
        planner.see(2, [.up])
        planner.pass()
        #expect(planner.phase == "switching")
        planner.see(2, [.starting], failures: 1)
        planner.pass(after: 10)
        #expect(planner.isTraffic(on: 1) && planner.returnReason != nil)
    }

    @Test("a release that stays healthy through its soak has succeeded; the old one is kept warm, then ends")
    func succeeds() {
        var planner = Planner.soaking(2, from: 1)
        planner.pass(after: RolloutTiming.simulated.soak)
        #expect(planner.outcomes == [.succeeded])
        #expect(planner.state.serving == ReleaseNumber(2) && planner.state.stable == ReleaseNumber(2))
        #expect(planner.retiring == [1] && planner.size(1) == 1 && !planner.isDraining(1))
        planner.pass(after: RolloutTiming.simulated.warm)
        #expect(planner.size(1) == 1 && planner.isDraining(1))
        planner.see(1, [.draining])
        planner.pass()
        #expect(planner.size(1) == 0)
        planner.see(1, [])
        planner.pass()
        #expect(planner.retiring.isEmpty && planner.plan.awaiting.isEmpty && planner.plan.wakeAt == nil)
    }

    @Test("a soak does not fail because the router has just started and has seen nobody yet")
    func routerRestart() {
        var planner = Planner.soaking(2, from: 1)
        planner.see(2, [.starting])
        planner.pass(after: RolloutTiming.simulated.soak)
        #expect(planner.phase == "soaking" && planner.isTraffic(on: 2))
        planner.see(2, [.up])
        planner.pass(after: 100)
        #expect(planner.outcomes == [.succeeded])
    }

    @Test("traffic goes back when the router has seen the old release healthy, and no earlier while the new one still serves")
    func goesBackToHealthy() {
        var planner = Planner.soaking(2, from: 1, instances: 2)
        planner.see(2, [.up, .starting], failures: 3)
        planner.pass(after: 10)
        #expect(planner.phase == "returning")
        #expect(planner.isTraffic(on: 2) && !planner.isDraining(1))
        planner.see(1, [.up, .up])
        planner.pass(after: 10)
        #expect(planner.isTraffic(on: 1) && planner.isDraining(2))
        planner.seeTraffic(on: 1)
        planner.pass(after: 10)
        #expect(planner.returnReason?.contains("keep ending under traffic") == true)
    }

    @Test("traffic goes back at once when the new release serves nothing any more")
    func goesBackAtOnce() {
        var planner = Planner.soaking(2, from: 1)
        planner.see(2, [.down])
        planner.pass(after: 10)
        #expect(planner.isTraffic(on: 1))
    }

    @Test("with nothing healthy to go back to, a release that is whole again goes on")
    func goesOn() {
        var planner = Planner.soaking(2, from: 1)
        planner.see(1, [.down])
        planner.see(2, [.up], failures: 3)
        planner.pass(after: 10)
        #expect(planner.phase == "returning" && planner.isTraffic(on: 2))
        planner.pass(after: RolloutTiming.simulated.progressDeadline)
        #expect(planner.phase == "soaking" && planner.isTraffic(on: 2))
        planner.pass(after: RolloutTiming.simulated.soak + RolloutTiming.simulated.drain + .seconds(5))
        #expect(planner.outcomes == [.succeeded])
    }

    @Test("a first deployment that fails leaves nothing running and nothing in traffic")
    func firstFails() {
        var planner = Planner()
        planner.deploy(1)
        planner.see(1, [.starting], failures: 3)
        planner.pass(after: 10)
        #expect(planner.returnReason != nil && planner.state.serving == nil && planner.target.split == .empty)
        planner.see(1, [.draining], failures: 3)
        planner.pass(after: 10)
        #expect(planner.size(1) == 0)
    }

    @Test("a rollback to a warm release moves traffic as soon as the router says it is up, and needs no soak")
    func warmRollback() {
        var planner = Planner.soaking(2, from: 1)
        planner.pass(after: RolloutTiming.simulated.soak)
        planner.rollback(1)
        #expect(planner.size(1) == 1 && !planner.isDraining(1) && planner.isTraffic(on: 2))
        planner.see(1, [.up])
        planner.pass(after: 1)
        #expect(planner.isTraffic(on: 1))
        planner.seeTraffic(on: 1)
        planner.see(2, [.draining])
        planner.pass(after: 1)
        #expect(planner.outcomes == [.succeeded] && planner.state.stable == ReleaseNumber(1))
    }

    @Test("a rollback to a fleet that is ending starts it anew")
    func rollbackToEnding() {
        var planner = Planner.serving(2)
        planner.see(1, [.ending], size: 0)
        planner.pass()
        planner.rollback(1)
        #expect(planner.size(1) == 1)
        planner.pass(after: 10)
        #expect(planner.phase == "starting")
    }

    @Test("an old release whose requests go on is waited for until its time to drain is over, then it is cut")
    func drainsInSoak() {
        var planner = Planner.soaking(2, from: 1)
        planner.see(1, [.draining], inFlight: 2)
        planner.pass(after: RolloutTiming.simulated.soak)
        #expect(planner.phase == "soaking" && planner.plan.awaiting.contains { $0.what == "2 requests of release 1 to end" })
        let deadline = planner.state.rollout.map { $0.phaseSince + RolloutTiming.simulated.drain }
        #expect(planner.plan.wakeAt == deadline)
        planner.pass(after: RolloutTiming.simulated.drain - RolloutTiming.simulated.soak)
        #expect(planner.target.cutting == [ReleaseNumber(1)])
        planner.see(1, [.draining])
        planner.pass(after: 10)
        #expect(planner.outcomes == [.succeeded])
    }

    @Test("in steady state the serving release keeps its size, whatever is seen: a machine that rebooted gets it back")
    func steady() {
        var planner = Planner.serving(1, instances: 2)
        let target = planner.target
        planner.observation = Observation(fleets: [], split: nil)
        planner.pass(after: .minutes(5))
        #expect(planner.target == target && planner.size(1) == 2)
    }
}
