import IngotModel
import Rollout
import Simulation
import Testing

@Suite("Ending old fleets")
struct RetirementTests {
    /// Release 2 serves and release 1 was just told to drain.
    static func draining(inFlight: Int) -> Planner {
        var planner = Planner.soaking(2, from: 1)
        planner.pass(after: RolloutTiming.simulated.soak)
        planner.pass(after: RolloutTiming.simulated.warm)
        planner.see(1, [.draining], inFlight: inFlight)
        planner.pass()
        return planner
    }

    @Test("an instance is told to end when the router says that it drains and has no request")
    func drained() { #expect(Self.draining(inFlight: 0).size(1) == 0) }

    @Test("an instance with a request in flight is not told to end; at the deadline it is cut, and ends once that is done")
    func cut() {
        var planner = Self.draining(inFlight: 1)
        #expect(planner.size(1) == 1 && planner.target.cutting.isEmpty)
        planner.pass(after: RolloutTiming.simulated.drain)
        #expect(planner.size(1) == 1 && planner.target.cutting == [ReleaseNumber(1)])
        planner.see(1, [.draining])
        planner.pass(after: 10)
        #expect(planner.size(1) == 0)
    }

    @Test("a router that does not cut holds the end up for 5 seconds and no longer")
    func stubbornRouter() {
        var planner = Self.draining(inFlight: 1)
        planner.pass(after: RolloutTiming.simulated.drain)
        planner.pass(after: .seconds(5) - 1)
        #expect(planner.size(1) == 1)
        planner.pass(after: 1)
        #expect(planner.size(1) == 0)
    }

    enum Silence: String, CaseIterable {
        case unreachableRouter, olderRouteInForce, splitNamesFleet, instanceUp, instanceDown
    }

    @Test("silence is no acknowledgement", arguments: Silence.allCases)
    func silence(kind: Silence) {
        var planner = Self.draining(inFlight: 1)
        planner.see(1, [.draining])
        switch kind {
        case .unreachableRouter: planner.observation.split = nil
        case .olderRouteInForce: planner.observation.routeGeneration = Generation(1)
        case .splitNamesFleet: planner.seeTraffic(on: 1)
        case .instanceUp: planner.see(1, [.up])
        case .instanceDown: planner.see(1, [.down])
        }
        planner.pass(after: 10)
        #expect(planner.size(1) == 1, "\(kind) is taken for a drained fleet")
    }

    @Test("a fleet that nobody named is drained and ended")
    func stray() {
        var planner = Planner.serving(1)
        planner.see(9, [.draining, .draining])
        planner.pass(after: 10)
        #expect(planner.retiring == [9] && planner.isDraining(9))
        planner.pass(after: 10)
        #expect(planner.size(9) == 0)
        planner.see(9, [])
        planner.pass(after: 10)
        #expect(planner.retiring.isEmpty)
    }
}
