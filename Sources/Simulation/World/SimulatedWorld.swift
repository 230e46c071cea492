import Engine
public import IngotModel

/// An engine, a router and the requests between them, as one value: it can be copied, compared, stepped and looked into.
///
/// Nothing in it happens but through the calls of `Engine` and `Router` and through `advance(to:)`,
/// so the same seed and the same calls give the same world.
public struct SimulatedWorld: Hashable, Sendable {
    public internal(set) var now: Timestamp
    public var faults = SimulatedFaults.none
    /// The requests that arrive; `nil` for none.
    public var load: SimulatedLoad? { didSet { nextArrival = load.map { now + $0.interval } } }
    /// In the order in which they were first resized; lists, not dictionaries, so that every run goes the same way.
    public internal(set) var fleets: [SimulatedFleet] = []
    public internal(set) var routes: [SimulatedRoute] = []
    /// What happened since it was last emptied.
    public var journal: [SimulatedEvent] = []
    /// Where something changed since the streams of changes were last told.
    var changed: Set<EnvironmentID> = []

    var generator: SeededGenerator
    var behaviours: [FleetID: InstanceBehaviour] = [:]
    var engineGenerations: [EnvironmentID: Generation] = [:]
    var nextArrival: Timestamp?
    var deliveries: [SimulatedDelivery] = []
    /// What the router answered last, by environment.
    var lastAnswers: [EnvironmentID: RouteObservation] = [:]
    var instancesStarted = 0
    var requestsBegun = 0

    public init(seed: UInt64, now: Timestamp) {
        generator = SeededGenerator(seed: seed)
        self.now = now
    }

    /// Decides how instances of a fleet behave that start from now on. They are good unless told otherwise.
    public mutating func setBehaviour(_ behaviour: InstanceBehaviour, of fleet: FleetID) {
        behaviours[fleet] = behaviour
        guard let index = fleets.firstIndex(where: { $0.specification.fleet == fleet }), fleets[index].startError != behaviour.startError
        else { return }
        fleets[index].startError = nil
    }

    public func behaviour(of fleet: FleetID) -> InstanceBehaviour { behaviours[fleet] ?? .good }

    public func fleet(_ id: FleetID) -> SimulatedFleet? { fleets.first { $0.specification.fleet == id } }

    public func route(of environment: EnvironmentID) -> SimulatedRoute? { routes.first { $0.environment == environment } }

    /// Lets time pass: everything that is due happens, in the order of its moments.
    public mutating func advance(to end: Timestamp) {
        while let next = nextMoment, next <= end {
            now = max(now, next)
            welcomeRouter()
            deliver()
            endInstances()
            startInstances()
            bringRoutesIntoForce()
            lookAfterServers()
            endRequests()
            admitRequest()
        }
        now = max(now, end)
    }

    /// The next moment at which anything happens by itself.
    private var nextMoment: Timestamp? {
        var next = nextArrival
        func consider(_ moment: Timestamp?) {
            guard let moment, moment < next ?? moment + 1 else { return }
            next = moment
        }
        for fleet in fleets {
            if fleet.isShort { consider(max(fleet.nextStart, now)) }
            for instance in fleet.instances { consider(instance.endsAt) }
        }
        consider(faults.routerIsAwayUntil)
        for delivery in deliveries { consider(delivery.at) }
        for route in routes {
            consider(route.inForceFrom)
            for server in route.servers {
                if let up = server.upFrom, up > now { consider(up) }
                if let down = server.downFrom, down > now { consider(down) }
                for request in server.requests { consider(request.endsAt) }
            }
        }
        return next
    }

    /// Says that there is something to see again once the router answers again.
    private mutating func welcomeRouter() {
        guard let back = faults.routerIsAwayUntil, back <= now else { return }
        faults.routerIsAwayUntil = nil
        changed.formUnion(routes.map(\.environment))
    }

    mutating func note(_ event: SimulatedEvent, in environment: EnvironmentID) {
        journal.append(event)
        changed.insert(environment)
    }
}

/// What happened in a simulated world.
public enum SimulatedEvent: Hashable, Sendable, CustomStringConvertible {
    case started(InstanceID, FleetID)
    /// With what the router had for it at that moment: whether it could get new requests, and how many it had.
    case toldToEnd(InstanceID, FleetID, getsTraffic: Bool, requestsInFlight: Int)
    case ended(InstanceID, FleetID, how: String)
    case inForce(EnvironmentID, Generation, Split)
    case routerRestarted
    /// It has nothing of what it was asked, not even on disk.
    case routerForgot
    /// A request found no instance that could take it.
    case unserved(EnvironmentID)
    case cut(FleetID, requests: Int)
    case closed(FleetID, streams: Int)

    public var description: String {
        switch self {
        case .started(let id, let fleet): "instance \(id) of \(fleet) started"
        case .toldToEnd(let id, let fleet, let getsTraffic, let requests):
            "instance \(id) of \(fleet) was told to end with \(requests) in flight\(getsTraffic ? " and in traffic" : "")"
        case .ended(let id, let fleet, let how): "instance \(id) of \(fleet) ended: \(how)"
        case .inForce(_, let generation, let split): "the router has generation \(generation) in force: \(split)"
        case .routerRestarted: "the router restarted"
        case .routerForgot: "the router forgot all that it was asked"
        case .unserved: "a request found no instance"
        case .closed(let fleet, let streams): "\(streams) streams of \(fleet) were closed"
        case .cut(let fleet, let requests): "\(requests) requests of \(fleet) were cut"
        }
    }
}
