import IngotModel
import Rollout
import Simulation
import Testing

@Suite("Recreate")
struct RecreateTests {
    /// Release 1 has ended and release 2 starts.
    static func starting() -> Planner {
        var planner = Planner.serving(1, strategy: .recreate)
        planner.deploy(2)
        planner.see(1, [.draining])
        planner.seeTraffic(on: nil)
        planner.pass(after: 10)
        planner.see(1, [])
        planner.pass(after: 10)
        return planner
    }

    @Test("the old release drains first, and the new one starts when nothing of it is left")
    func oldFirst() {
        var planner = Planner.serving(1, strategy: .recreate)
        planner.deploy(2)
        #expect(planner.phase == "emptying" && planner.size(1) == 1 && planner.size(2) == 0 && planner.target.split == .empty)
        planner.see(1, [.draining], inFlight: 1)
        planner.seeTraffic(on: nil)
        planner.pass(after: 10)
        #expect(planner.size(1) == 1)
        planner.see(1, [.draining])
        planner.pass(after: 10)
        #expect(planner.size(1) == 0 && planner.size(2) == 0)
        planner.see(1, [.ending], size: 0)
        planner.pass(after: 10)
        #expect(planner.size(2) == 0)
        planner.see(1, [])
        planner.pass(after: 10)
        #expect(planner.phase == "starting" && planner.size(2) == 1)
    }

    @Test("how long the old release drained is not taken from the new one's time")
    func ownDeadline() {
        var planner = Planner.serving(1, strategy: .recreate)
        planner.deploy(2)
        planner.see(1, [.ending], size: 0)
        planner.seeTraffic(on: nil)
        planner.pass(after: RolloutTiming.simulated.progressDeadline + 1)
        planner.see(1, [])
        planner.pass(after: 10)
        #expect(planner.phase == "starting")
        planner.pass(after: RolloutTiming.simulated.progressDeadline - 1)
        #expect(planner.phase == "starting")
    }

    @Test("going back, the new release ends before the old one starts again")
    func goesBack() {
        var planner = Self.starting()
        planner.see(2, [.starting], failures: 3)
        planner.pass(after: 10)
        #expect(planner.phase == "returning" && planner.size(1) == 0 && planner.target.split == .empty)
        planner.see(2, [.draining], failures: 3)
        planner.pass(after: 10)
        #expect(planner.size(2) == 0 && planner.size(1) == 0)
        planner.see(2, [])
        planner.pass(after: 10)
        #expect(planner.size(1) == 1 && planner.isTraffic(on: 1))
        planner.see(1, [.up])
        planner.seeTraffic(on: 1)
        planner.pass(after: 10)
        #expect(planner.returnReason != nil && planner.phase == nil)
    }

    @Test("asking for the old release while it is being replaced brings it back, and is no success before it is back")
    func oldAgain() {
        var planner = Self.starting()
        planner.rollback(1)
        #expect(planner.outcomes == [.superseded(by: ReleaseNumber(1))])
        #expect(planner.phase == "starting" && planner.size(1) == 1 && planner.size(2) == 0)
        planner.see(1, [.up])
        planner.pass(after: 10)
        #expect(planner.isTraffic(on: 1))
    }

    @Test("a newer recreate waits for every other fleet to be gone")
    func newer() {
        var planner = Self.starting()
        planner.see(2, [.up])
        planner.deploy(3)
        #expect(planner.phase == "emptying" && planner.size(3) == 0)
        planner.see(2, [.ending], size: 0)
        planner.pass(after: 10)
        #expect(planner.size(3) == 0)
        planner.see(2, [])
        planner.pass(after: 10)
        #expect(planner.size(3) == 1)
    }

    @Test("a first deployment has nothing to end")
    func first() {
        var planner = Planner(strategy: .recreate)
        planner.deploy(1)
        #expect(planner.phase == "starting" && planner.size(1) == 1)
    }
}
