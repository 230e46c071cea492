public import API
import Foundation
public import IngotModel
import NIOHTTP1

/// The daemon's API as Swift calls.
///
/// Each call throws `ClientError`: for an error that the daemon reported it says the same words, with the same code,
/// remedy and fault. It is a plain value; connections are kept by the process.
public struct Client: Sendable {
    let connection: Connection

    /// - Parameter socket: the path of the daemon's Unix socket, `ROOT/ingot.sock`.
    public init(socket: String) { self.init { .socket(socket) } }

    /// - Parameter place: where the daemon is; asked for with each request, and what it throws is that request's error.
    public init(place: @escaping @Sendable () throws -> DaemonPlace) { connection = Connection(place: place) }

    // MARK: The daemon

    public func health() async throws -> Health { try await get(ResourcePath.health) }

    /// The metrics in Prometheus' text form.
    public func metrics() async throws -> String {
        String(decoding: try await connection.ask(.GET, ResourcePath.metrics), as: UTF8.self)
    }

    /// Removes the blobs that no tag, no running release and no release kept for rollback needs.
    public func collectGarbage() async throws -> GarbageReport { try await send(.POST, ResourcePath.garbageCollections) }

    // MARK: Services

    public func services() async throws -> [ServiceStatus] { try await get(ResourcePath.services) }

    public func service(_ name: ServiceName) async throws -> ServiceStatus { try await get(ResourcePath.service(name)) }

    public func specification(of service: ServiceName) async throws -> ServiceSpecification {
        try await get(ResourcePath.specification(service))
    }

    /// Makes a service known, or known anew with changed settings. Nothing that runs changes until the next deployment.
    @discardableResult
    public func register(_ specification: ServiceSpecification) async throws -> ServiceSpecification {
        try await send(.PUT, ResourcePath.specification(specification.service), specification)
    }

    /// Records how a test of an image went.
    public func add(_ evidence: TestEvidence, to service: ServiceName) async throws {
        let _: TestEvidence = try await send(.POST, ResourcePath.evidence(service), evidence)
    }

    /// What is recorded of the tests of an image, the newest of each test.
    public func evidence(for image: Digest, of service: ServiceName) async throws -> [TestEvidence] {
        try await get("\(ResourcePath.evidence(service))?image=\(image)")
    }

    // MARK: Rejections

    /// - Parameter reference: a digest, a tag or a commit.
    public func reject(_ reference: String, because reason: String) async throws -> RejectionAnswer {
        try await send(.POST, ResourcePath.rejections, RejectionRequest(reference: reference, reason: reason))
    }

    /// Takes the rejection of an image back, also of one that is not there any more.
    public func accept(_ image: Digest) async throws -> RejectionAnswer { try await send(.DELETE, ResourcePath.rejection(image)) }

    /// - Parameter reference: a digest, a tag or a commit.
    public func accept(_ reference: String) async throws -> RejectionAnswer {
        try await send(.POST, ResourcePath.acceptances, AcceptanceRequest(reference: reference))
    }

    // MARK: Environments

    public func status(of environment: EnvironmentID) async throws -> EnvironmentStatus {
        try await get(ResourcePath.environment(environment))
    }

    /// What is done, what is awaited and what comes next.
    public func explanation(of environment: EnvironmentID) async throws -> Explanation {
        try await get(ResourcePath.explanation(environment))
    }

    /// The status now, and again after each change, until the caller stops or the daemon does.
    public func live(_ environment: EnvironmentID) -> LiveAnswer<EnvironmentStatus> {
        LiveAnswer(connection, ResourcePath.live(environment))
    }

    /// Asks for a deployment. Returns as soon as it is decided; `follow` says how it goes.
    ///
    /// - Parameter reference: a digest, a tag, a commit, or `release:7`.
    /// - Parameter isAutomatic: whether no person chose this image: what the environment went away from is not deployed then.
    /// - Parameter token: the lock that it is asked under.
    public func deploy(
        _ reference: String, to environment: EnvironmentID, isAutomatic: Bool? = nil, token: FencingToken? = nil, overrideFreeze: String? = nil
    ) async throws -> DeploymentAccepted {
        let request = DeploymentRequest(reference: reference, isAutomatic: isAutomatic, token: token, overrideFreeze: overrideFreeze)
        return try await send(.POST, ResourcePath.deployments(environment), request)
    }

    /// Goes back to a release, or to the last good one before the present one.
    public func rollBack(_ environment: EnvironmentID, to release: ReleaseNumber? = nil) async throws -> DeploymentAccepted {
        try await send(.POST, ResourcePath.rollback(environment), RollbackRequest(release: release))
    }

    /// Asks something of the rollout under way; asking twice is asking once.
    public func order(
        _ kind: RolloutOrder.Kind, in environment: EnvironmentID, reason: String? = nil, token: FencingToken? = nil
    ) async throws -> EnvironmentStatus {
        try await send(.POST, ResourcePath.rollout(of: environment), RolloutOrder(kind: kind, reason: reason, token: token))
    }

    /// Another number of instances; `nil` for the release's own.
    public func scale(_ environment: EnvironmentID, to instances: Int?, token: FencingToken? = nil) async throws -> EnvironmentStatus {
        try await send(.PUT, ResourcePath.scale(environment), ScaleRequest(instances: instances, token: token))
    }

    /// What a deployment would do, without doing it.
    public func plan(_ reference: String, in environment: EnvironmentID) async throws -> DeploymentPlan {
        try await send(.POST, ResourcePath.plan(environment), DeploymentRequest(reference: reference))
    }

    /// All releases, newest first.
    public func releases(of environment: EnvironmentID) async throws -> [Release] {
        try await get(ResourcePath.releases(environment))
    }

    public func release(_ number: ReleaseNumber, of environment: EnvironmentID) async throws -> Release {
        try await get(ResourcePath.release(number, of: environment))
    }

    /// The rollouts that have ended, newest first.
    public func rollouts(of environment: EnvironmentID) async throws -> [RolloutRecord] {
        try await get(ResourcePath.rollouts(environment))
    }

    public func rollout(_ number: Generation, of environment: EnvironmentID) async throws -> RolloutRecord {
        try await get(ResourcePath.rollout(number, of: environment))
    }

    // MARK: Instances

    public func instances() async throws -> [InstanceDetails] { try await get(ResourcePath.instances) }

    public func instance(_ id: InstanceID) async throws -> InstanceDetails { try await get(ResourcePath.instance(id)) }

    /// What instances print: the last `tail` lines of each, oldest first, and with `follow` all that come after.
    public func logs(
        of environment: EnvironmentID, instance: InstanceID? = nil, tail: Int = 100, follow isFollowing: Bool = false
    ) -> LiveAnswer<LogLine> {
        let only = instance.map { "&instance=\($0)" } ?? ""
        return LiveAnswer(connection, "\(ResourcePath.logs(environment))?follow=\(isFollowing)&tail=\(tail)\(only)")
    }

    // MARK: Events

    /// The events after a sequence number, oldest first; without one the newest `limit` events, oldest first.
    public func events(after sequence: Int? = nil, limit: Int = 100, environment: EnvironmentID? = nil) async throws -> [Event] {
        let after = sequence.map { "&after=\($0)" } ?? ""
        let only = environment.map { "&environment=\($0)" } ?? ""
        return try await get("\(ResourcePath.events)?limit=\(limit)\(after)\(only)")
    }

    /// Each event as it happens, from the one after `sequence`; without it only those to come.
    public func liveEvents(after sequence: Int? = nil) -> LiveAnswer<Event> {
        LiveAnswer(connection, "\(ResourcePath.liveEvents)\(sequence.map { "?after=\($0)" } ?? "")")
    }

    public func verifyEvents() async throws -> EventVerification { try await get(ResourcePath.eventVerification) }

    // MARK: Values and bytes

    func get<Answer: Decodable>(_ path: String) async throws -> Answer {
        try Self.decode(try await connection.ask(.GET, path), from: path)
    }

    func send<Answer: Decodable>(_ method: HTTPMethod, _ path: String, _ body: some Encodable, isLast: Bool = false) async throws -> Answer {
        let bytes = Array(try JSONEncoder().encode(body))
        return try Self.decode(try await connection.ask(method, path, body: bytes, isLast: isLast), from: path)
    }

    func send<Answer: Decodable>(_ method: HTTPMethod, _ path: String) async throws -> Answer {
        try Self.decode(try await connection.ask(method, path), from: path)
    }

    static func decode<Answer: Decodable>(_ bytes: some Sequence<UInt8>, from path: String) throws -> Answer {
        do {
            return try JSONDecoder().decode(Answer.self, from: Data(bytes))
        } catch {
            throw ClientError.notUnderstood(path, "it is not \(Answer.self)", cause: error)
        }
    }
}
