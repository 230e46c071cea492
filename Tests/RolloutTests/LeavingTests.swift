import IngotModel
import Rollout
import Simulation
import Testing

@Suite("An instance that leaves a fleet which stays")
struct LeavingTests {
    private var planner = Planner.serving(1, instances: 2)
    private let leaver = InstanceID(random: 101)

    init() {
        planner.releases[ReleaseNumber(1)]?.timing.streamDrain = .seconds(10)
        planner.pass(commands: [.scale(1)])
    }

    private mutating func see(_ health: InstanceObservation.Health, requests: Int, streams: Int) {
        planner.see(1, [.up, health])
        planner.observation.fleets[0].instances[1].requestsInFlight = requests
        planner.observation.fleets[0].instances[1].streamsInFlight = streams
    }

    /// How many streams it may have; `nil` when nothing is said.
    private var limit: Int? { planner.target.streamLimits.first { $0.instance == leaver }?.most }
    private var isCut: Bool? { planner.target.leaving.first { $0.instance == leaver }?.isCut }

    @Test("keeps its streams until it is out of traffic; from then on they are closed evenly over their time, though its requests are cut")
    mutating func streams() {
        #expect(isCut == false)
        see(.up, requests: 1, streams: 9)
        planner.pass(after: 500)
        #expect(limit == nil, "it is given streams yet")
        see(.draining, requests: 1, streams: 10)
        planner.pass(after: 500)
        #expect(limit == 10, "none is closed at second zero")
        planner.pass(after: .seconds(1))
        #expect(limit == 9)
        #expect(isCut == false)
        planner.pass(after: .seconds(1))
        #expect(limit == 8)
        #expect(isCut == true, "its request has had its 3 s")
        see(.draining, requests: 0, streams: 8)
        planner.pass(after: .seconds(6))
        #expect(limit == 2)
        #expect(planner.size(1) == 2, "it is not ended, although the router's 5 s to cut requests are over")
        planner.pass(after: .seconds(2))
        #expect(limit == 0)
        see(.draining, requests: 0, streams: 0)
        planner.pass(after: 10)
        #expect(planner.size(1) == 1)
        #expect(planner.target.streamLimits.isEmpty)
    }

    @Test("whose streams the router does not close ends 5 s after their time")
    mutating func stubborn() {
        see(.draining, requests: 0, streams: 3)
        planner.pass(after: 0)
        planner.pass(after: .seconds(10))
        planner.pass(after: .seconds(5) - 1)
        #expect(planner.size(1) == 2)
        planner.pass(after: 1)
        #expect(planner.size(1) == 1)
    }
}
