import IngotModel
import Rollout
import Simulation
import Testing

@Suite("Requests while something moves")
struct RequestTests {
    @Test("a newer deployment in the start leaves traffic where it is and ends what started")
    func supersedesStarting() {
        var planner = Planner.serving(1)
        planner.deploy(2)
        planner.see(2, [.starting])
        planner.deploy(3)
        #expect(planner.outcomes == [.superseded(by: ReleaseNumber(3))])
        #expect(planner.state.rollout?.from == ReleaseNumber(1) && planner.isTraffic(on: 1))
        #expect(planner.retiring == [2] && planner.size(3) == 1)
    }

    @Test("a newer deployment in the switch or the soak starts from who was given the traffic, and keeps the old release warm")
    func supersedesSoaking() {
        var planner = Planner.soaking(2, from: 1)
        planner.deploy(3)
        #expect(planner.state.rollout?.from == ReleaseNumber(2) && planner.isTraffic(on: 2))
        #expect(planner.retiring == [1] && planner.size(1) == 1)
        #expect(planner.state.stable == ReleaseNumber(1))
    }

    @Test("a newer deployment in the return starts from who has the traffic again")
    func supersedesReturning() {
        var planner = Planner.soaking(2, from: 1)
        planner.see(2, [.down])
        planner.pass(after: 10)
        #expect(planner.phase == "returning")
        planner.deploy(3)
        #expect(planner.state.rollout?.from == ReleaseNumber(1) && planner.retiring == [2])
    }

    @Test("a rollback while the new release starts is done at once: the old one has the traffic")
    func rollbackInStart() {
        var planner = Planner.serving(1)
        planner.deploy(2)
        planner.see(2, [.starting])
        planner.rollback(1)
        #expect(planner.outcomes == [.superseded(by: ReleaseNumber(1)), .succeeded])
        #expect(planner.phase == nil && planner.isTraffic(on: 1) && planner.retiring == [2])
    }

    @Test("asking again for what is on its way changes nothing")
    func again() {
        var planner = Planner.serving(1)
        planner.deploy(2)
        let number = planner.state.rollout?.number
        planner.now = planner.now + 10
        planner.deploy(2)
        #expect(planner.state.rollout?.number == number && planner.outcomes.isEmpty)
    }

    @Test("asking again for what has failed is a new rollout")
    func retry() {
        var planner = Planner.soaking(2, from: 1)
        planner.see(2, [.down], failures: 3)
        planner.pass(after: 10)
        planner.deploy(2)
        #expect(planner.phase == "starting" && planner.outcomes == [.superseded(by: ReleaseNumber(2))])
    }

    @Test("each request for what already serves is a success of its own, with a number of its own")
    func alreadyServing() {
        var planner = Planner.serving(1)
        planner.deploy(1)
        let first = planner.plan.finished.first?.progress.number
        planner.deploy(1)
        let second = planner.plan.finished.first?.progress.number
        #expect(planner.outcomes == [.succeeded])
        #expect(first != nil && second != nil && first != second)
    }

    @Test("the generation grows with every change of the target, and with nothing else")
    func generations() {
        var planner = Planner.serving(1)
        let resting = planner.target.generation
        planner.pass(after: 500)
        #expect(planner.target.generation == resting)
        planner.deploy(2)
        #expect(planner.target.generation == resting.next && planner.state.rollout?.number == resting.next)
    }
}
