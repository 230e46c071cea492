import IngotModel
import Rollout
import Simulation
import Testing

/// What deployment tools were seen to get wrong. Each is a test here, or where it is named.
///
/// - SIGTERM that races deregistration; the old release scaled down before its drain ended: `RetirementTests`, and a rule of every simulation.
/// - Traffic flipped to a pool that the balancer has not yet seen healthy: `BlueGreenTests`, and a rule of every simulation.
/// - Weights and drain states lost by a proxy's restart; sticky visitors sent back and forth; WebSockets cut at second zero:
///   `RouterConformance`, which runs on the simulated router and on HAProxy.
/// - A verdict from three requests: `AnalysisTests`. A service of one instance going dark: `RollingTests`.
/// - Orphans after a crash: `DaemonTests`, and the rest of every simulation. The autoscaler shrinking the canary: `CanaryTests`.
@Suite("What others got wrong")
struct KnownMistakesTests {
    @Test("a stable release that is broken does not block the fix")
    func brokenStable() {
        var planner = Planner.serving(1, instances: 2)
        planner.see(1, [.down, .down], failures: 7)
        planner.deploy(2)
        planner.see(2, [.up, .up])
        planner.pass()
        #expect(planner.isTraffic(on: 2))
        planner.seeTraffic(on: 2)
        planner.pass()
        planner.pass(after: RolloutTiming.simulated.soak)
        #expect(planner.outcomes == [.succeeded] && planner.state.serving == ReleaseNumber(2))
    }

    @Test("a deadline fires when nothing at all happens: the pass says when it wants to be woken, in wall time")
    func silentDeadline() {
        var planner = Planner.serving(1)
        planner.deploy(2)
        planner.see(2, [.starting])
        planner.pass()
        let wakeAt = planner.plan.wakeAt
        #expect(wakeAt != nil)
        planner.now = wakeAt ?? planner.now
        planner.pass()
        #expect(planner.returnReason != nil)
    }

    @Test("a rollback that fails starts no other rollback: whoever serves goes on")
    func rollbackOfRollback() {
        var planner = Planner.soaking(2, from: 1)
        planner.pass(after: RolloutTiming.simulated.soak)
        planner.see(1, [])
        planner.pass(after: RolloutTiming.simulated.warm)
        planner.rollback(1)
        planner.see(1, [.starting], failures: 3)
        planner.pass(after: 10)
        #expect(planner.returnReason != nil && planner.state.serving == ReleaseNumber(2) && planner.isTraffic(on: 2))
        planner.see(1, [])
        for _ in 0..<20 {
            planner.pass(after: .minutes(1))
            #expect(planner.state.rollout == nil && planner.outcomes.isEmpty && planner.isTraffic(on: 2))
        }
    }

    @Test("a rollback to a release that is not there any more ends at once, with its reason, and takes nothing from who serves")
    func rollbackTargetIsGone() {
        var planner = Planner.soaking(2, from: 1)
        planner.pass(after: RolloutTiming.simulated.soak)
        planner.see(1, [])
        planner.pass(after: RolloutTiming.simulated.warm)
        planner.rollback(1)
        planner.see(1, [], size: 1, startError: "the image is gone")
        planner.pass(after: 10)
        #expect(planner.returnReason?.contains("the image is gone") == true)
        #expect(planner.isTraffic(on: 2) && planner.size(2) == 1)
    }

    @Test("a spike that fells the old release's instances is no failure of the new one")
    func spikeOnTheOld() {
        var planner = Planner.serving(1, instances: 2)
        planner.deploy(2)
        planner.see(2, [.up, .up])
        planner.pass()
        planner.seeTraffic(on: 2)
        planner.see(1, [.starting, .down], failures: 9)
        planner.pass()
        planner.pass(after: RolloutTiming.simulated.soak)
        #expect(planner.outcomes == [.succeeded])
    }

    @Test("a deployment is no success before the router says that it sends the traffic to the new release")
    func successOfTheOldVersion() {
        var planner = Planner.serving(1)
        planner.deploy(2)
        planner.see(2, [.up])
        planner.pass()
        for split in [Split.all(to: ReleaseNumber(1)), .empty, nil] {
            planner.observation.split = split
            planner.pass(after: 1_000)
            #expect(planner.phase == "switching" && planner.outcomes.isEmpty)
        }
        planner.seeTraffic(on: 2)
        planner.pass()
        #expect(planner.phase == "soaking")
    }

    @Test("a clock that is set back makes no wait longer than it is")
    func clockSetBack() {
        var planner = Planner.serving(1)
        planner.now = planner.now + .minutes(120)
        planner.deploy(2)
        planner.see(2, [.starting])
        planner.pass()
        planner.now = planner.now + .minutes(-120)
        planner.pass()
        planner.pass(after: RolloutTiming.simulated.progressDeadline)
        #expect(planner.returnReason != nil)
    }

    @Test("a recreate whose first hook fails has ended nobody: the old release goes on as it was")
    func hookBeforeRecreate() {
        var planner = Planner.serving(1, strategy: .recreate)
        planner.releases[ReleaseNumber(2)]?.hooks = [
            RolloutHook(name: "check", point: .before, action: .command(["true"]), deadline: .seconds(5))
        ]
        planner.deploy(2)
        #expect(planner.phase == "preparing" && planner.isTraffic(on: 1))
        let run = planner.target.hooks.first
        planner.observation.hooks = run.map { [HookResult(run: $0, endedAt: planner.now, failure: "exit code 1")] } ?? []
        planner.pass()
        #expect(planner.size(1) == 1 && planner.isTraffic(on: 1) && !planner.isDraining(1))
        planner.pass()
        #expect(planner.state.rollout == nil && planner.state.serving == ReleaseNumber(1))
    }

    @Test("a recreate starts nothing while the engine may still carry out what was asked before")
    func lateStart() {
        var planner = Planner.serving(1, strategy: .recreate)
        planner.see(1, [])
        planner.observation.engineGeneration = planner.target.generation
        planner.deploy(2)
        #expect(planner.phase == "emptying")
        planner.observation.engineGeneration = planner.target.generation
        planner.pass()
        #expect(planner.phase == "starting")
    }

    @Test("at a cutover the new release has as many instances as the old one really had, though it says fewer")
    func capacityAtCutover() {
        var planner = Planner.serving(1, instances: 2)
        planner.pass(commands: [.scale(5)])
        planner.see(1, Array(repeating: .up, count: 5))
        planner.releases[ReleaseNumber(2)]?.instances = 3
        planner.deploy(2)
        #expect(planner.size(1) == 5 && planner.size(2) == 5 && planner.target.leaving.isEmpty)
        planner.see(2, [.up, .up, .up])
        planner.pass()
        #expect(planner.isTraffic(on: 1), "three are not yet what the old one has")
        planner.see(2, Array(repeating: .up, count: 5))
        planner.pass()
        planner.seeTraffic(on: 2)
        planner.pass()
        planner.pass(after: RolloutTiming.simulated.soak)
        #expect(planner.outcomes == [.succeeded] && planner.state.scale == nil)
        #expect(planner.size(1) == 5, "the warm one stays as it is until it drains")
        #expect(planner.target.leaving.count == 2, "and the new one now becomes as large as it says, by draining")
    }
}
