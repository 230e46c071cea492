public import IngotModel

/// The paths of the API, in one place, so that the client and the daemon cannot differ.
///
/// Names of services, environments and instances are made of letters, digits and hyphens only, so nothing in a path
/// has to be escaped.
public enum ResourcePath {
    public static let root = "/v1"
    public static let health = "/v1/health"
    public static let metrics = "/metrics"
    public static let services = "/v1/services"
    public static let instances = "/v1/instances"
    public static let events = "/v1/events"
    public static let liveEvents = "/v1/events/live"
    public static let eventVerification = "/v1/events/verification"
    public static let rejections = "/v1/rejections"
    public static func rejection(_ image: Digest) -> String { "\(rejections)/\(image)" }
    public static let acceptances = "/v1/acceptances"
    public static let garbageCollections = "/v1/garbage-collections"

    public static func evidence(for image: Digest) -> String { "\(root)/images/\(image)/evidence" }

    public static func service(_ name: ServiceName) -> String { "\(services)/\(name)" }
    public static func specification(_ name: ServiceName) -> String { "\(service(name))/specification" }
    public static func evidence(_ name: ServiceName) -> String { "\(service(name))/evidence" }
    public static func throwaways(_ name: ServiceName) -> String { "\(service(name))/throwaways" }
    public static func throwaway(_ id: InstanceID, of name: ServiceName) -> String { "\(throwaways(name))/\(id)" }
    public static func throwawayFreeze(_ id: InstanceID, of name: ServiceName) -> String { "\(throwaway(id, of: name))/frozen" }
    public static func throwawayReadiness(_ id: InstanceID, of name: ServiceName) -> String { "\(throwaway(id, of: name))/readiness" }
    public static func throwawayWrites(_ id: InstanceID, of name: ServiceName) -> String { "\(throwaway(id, of: name))/writes" }
    public static func instance(_ id: InstanceID) -> String { "\(instances)/\(id)" }

    public static func environment(_ id: EnvironmentID) -> String { "\(service(id.service))/environments/\(id.environment)" }
    public static func live(_ id: EnvironmentID) -> String { "\(environment(id))/live" }
    public static func deployments(_ id: EnvironmentID) -> String { "\(environment(id))/deployments" }
    public static func rollback(_ id: EnvironmentID) -> String { "\(environment(id))/rollback" }
    public static func rollout(of id: EnvironmentID) -> String { "\(environment(id))/rollout" }
    public static func scale(_ id: EnvironmentID) -> String { "\(environment(id))/scale" }
    public static func lock(_ id: EnvironmentID) -> String { "\(environment(id))/lock" }
    public static func lock(_ token: FencingToken, of id: EnvironmentID) -> String { "\(lock(id))/\(token)" }
    public static func secrets(_ id: EnvironmentID) -> String { "\(environment(id))/secrets" }
    public static func secretRefresh(_ id: EnvironmentID) -> String { "\(secrets(id))/refresh" }
    public static func sealingKey(_ id: EnvironmentID) -> String { "\(secrets(id))/key" }
    public static func explanation(_ id: EnvironmentID) -> String { "\(environment(id))/explanation" }
    public static func plan(_ id: EnvironmentID) -> String { "\(environment(id))/plan" }
    public static func logs(_ id: EnvironmentID) -> String { "\(environment(id))/logs" }
    public static func releases(_ id: EnvironmentID) -> String { "\(environment(id))/releases" }
    public static func release(_ number: ReleaseNumber, of id: EnvironmentID) -> String { "\(releases(id))/\(number)" }
    public static func promotion(of release: ReleaseNumber, in id: EnvironmentID) -> String { "\(Self.release(release, of: id))/promotion" }
    public static func rollouts(_ id: EnvironmentID) -> String { "\(environment(id))/rollouts" }
    public static func rollout(_ number: Generation, of id: EnvironmentID) -> String { "\(rollouts(id))/\(number)" }
}
