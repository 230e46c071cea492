import IngotModel

/// Which fleets an environment has, which instances a fleet, and for which fleets time has something to do. Whoever asks for one of them
/// need not look through all.
struct FleetRoster: Sendable {
    private var fleets: [EnvironmentID: Set<FleetID>] = [:]
    private var instances: [FleetID: Set<InstanceID>] = [:]
    /// When there is something to do for a fleet that waits.
    private var deadlines: [FleetID: Duration] = [:]

    func fleets(of environment: EnvironmentID) -> Set<FleetID> { fleets[environment] ?? [] }
    func instances(of fleet: FleetID) -> Set<InstanceID> { instances[fleet] ?? [] }

    /// The first of all moments at which there is something to do; costs what waits, not what exists.
    var nextDeadline: Duration? { deadlines.values.min() }

    /// The fleets for which there is something to do at this moment.
    func due(_ elapsed: Duration) -> [FleetID] { deadlines.filter { elapsed >= $0.value }.keys.sorted() }

    mutating func add(_ instance: InstanceID, to fleet: FleetID) { instances[fleet, default: []].insert(instance) }

    mutating func remove(_ instance: InstanceID, from fleet: FleetID) {
        instances[fleet]?.remove(instance)
        if instances[fleet]?.isEmpty == true { instances[fleet] = nil }
    }

    /// - Parameter deadline: when there is something to do for the fleet; `nil` while nothing is waited for.
    mutating func note(_ fleet: FleetID, exists: Bool, deadline: Duration?) {
        deadlines[fleet] = deadline
        if exists {
            fleets[fleet.environment, default: []].insert(fleet)
        } else {
            fleets[fleet.environment]?.remove(fleet)
            if fleets[fleet.environment]?.isEmpty == true { fleets[fleet.environment] = nil }
        }
    }
}
