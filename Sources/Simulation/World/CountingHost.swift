public import Engine
public import IngotModel
import Synchronization

/// What an engine and a router would say of very many environments, as values, and how often they were asked. A question costs what is asked
/// for, so what is measured or counted is the work of those who ask. Nothing happens by itself; for that there is `SimulatedHost`.
public final class CountingHost: Engine, Router {
    private struct Content {
        var fleets: [EnvironmentID: [FleetStatus]] = [:]
        var routes: [EnvironmentID: RouteObservation] = [:]
        var observations: [EnvironmentID: Int] = [:]
        var instances: UInt32 = 0
    }
    private let content = Mutex(Content())
    private let changed: AsyncStream<EnvironmentID>
    private let announcement: AsyncStream<EnvironmentID>.Continuation

    public init() { (changed, announcement) = AsyncStream.makeStream() }

    /// How often each environment's route was looked at: once in each pass of its controller.
    public var observations: [EnvironmentID: Int] { content.withLock { $0.observations } }

    /// Makes an environment be as a target says, at once: every instance healthy, every request ended.
    public func carryOut(_ target: EnvironmentTarget, of environment: EnvironmentID, at now: Timestamp) {
        content.withLock { content in
            let before = content.fleets[environment] ?? []
            let fleets = target.sizes.map { size in
                let present = before.first { $0.fleet.release == size.release }?.instances ?? []
                var instances = Array(present.filter { !size.ending.contains($0.id) }.prefix(size.size))
                while instances.count < size.size { instances.append(Self.instance(&content.instances, at: now)) }
                return FleetStatus(
                    fleet: FleetID(environment: environment, release: size.release), size: size.size, instances: instances)
            }
            content.fleets[environment] = fleets
            content.routes[environment] = Self.route(target, fleets)
        }
    }

    /// An instance of a release ends by itself: another has its place, and the router has not seen it healthy yet.
    public func replaceOne(of release: ReleaseNumber, in environment: EnvironmentID, at now: Timestamp) {
        content.withLock { content in
            guard let index = content.fleets[environment]?.firstIndex(where: { $0.fleet.release == release }),
                let gone = content.fleets[environment]?[index].instances.first
            else { return }
            content.fleets[environment]?[index].instances.removeFirst()
            content.fleets[environment]?[index].instances.append(Self.instance(&content.instances, at: now))
            content.fleets[environment]?[index].failures += 1
            content.routes[environment]?.servers[gone.id] = nil
        }
        announcement.yield(environment)
    }

    private static func instance(_ count: inout UInt32, at now: Timestamp) -> InstanceStatus {
        count += 1
        return InstanceStatus(
            id: InstanceID(random: count), endpoint: Endpoint(address: "10.0.0.1", port: 8080),
            readiness: Readiness(path: "/", startInterval: 50, interval: .seconds(1), timeout: .seconds(2), rise: 2, fall: 3), startedAt: now,
            isEnding: false)
    }

    private static func route(_ target: EnvironmentTarget, _ fleets: [FleetStatus]) -> RouteObservation {
        let leaving = Set(target.leaving.map(\.instance))
        let servers = fleets.flatMap { fleet in
            fleet.instances.map { instance in
                let isDraining = leaving.contains(instance.id) || target.draining.contains(fleet.fleet.release)
                return (instance.id, ServerObservation(health: isDraining ? .draining : .up, requestsInFlight: 0, checkResult: nil))
            }
        }
        return RouteObservation(
            generation: target.generation, split: target.split, servers: Dictionary(servers, uniquingKeysWith: { first, _ in first }))
    }

    // MARK: Engine and router

    public func fence(_ environment: EnvironmentID, generation: Generation) async throws {}

    public func generation(of environment: EnvironmentID) async throws -> Generation { Generation(0) }

    public func fleets(of environment: EnvironmentID) async throws -> [FleetStatus] { content.withLock { $0.fleets[environment] ?? [] } }

    public func observe(_ environment: EnvironmentID) async throws -> RouteObservation? {
        content.withLock { content in
            content.observations[environment, default: 0] += 1
            return content.routes[environment]
        }
    }

    public func allFleets() async throws -> [FleetID] { content.withLock { $0.fleets.values.flatMap { $0.map(\.fleet) } } }
    public func traffic(of environment: EnvironmentID) async throws -> [ReleaseTraffic] { [] }
    public func lastRequest(to release: ReleaseNumber, of environment: EnvironmentID) async throws -> Timestamp? { nil }

    /// One stream, of the deaths.
    public func changes() -> AsyncStream<EnvironmentID> { changed }

    // Targets are carried out by `carryOut`, as a whole and when the caller wants it.
    public func resize(_ fleet: FleetSpecification, to size: Int, ending: Set<InstanceID>?, generation: Generation) async throws {}
    public func apply(_ route: Route) async throws {}
    public func remove(_ environment: EnvironmentID) async throws {}
}
