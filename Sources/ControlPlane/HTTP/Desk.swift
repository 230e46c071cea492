import API
import Foundation
import IngotModel
import Logging
import Rollout

/// Everything that the API's handlers ask: the daemon's parts under one name, and the answers that join several of them.
struct Desk: Sendable {
    /// Releases of each environment whose images garbage collection keeps.
    static let releasesKept = 10

    let store: ControlStore
    let parts: Parts
    let vault: SecretVault
    let refreshes: SecretRefreshes
    let controllers: Controllers
    let deployments: Deployments
    let sets: ReleaseSets
    let rescans: Rescans
    let access: AccessControl
    let version: String
    let startedAt: Timestamp
    let logger: Logger
    let answers = AnswerCounts()

    // MARK: The daemon

    func health() async -> Health {
        let problems = await parts.host.problems()
        return Health(
            status: problems.isEmpty ? .ok : .degraded, problems: problems, version: version, processID: Int(getpid()), startedAt: startedAt,
            runtime: parts.host.runtime, router: parts.host.router, routerAddress: parts.host.routerAddress,
            rootProtection: parts.host.rootProtection)
    }

    func collectGarbage(by actor: String) async throws -> GarbageReport {
        let pinned = try await store.pinnedImages(releasesKept: Self.releasesKept).union(store.imagesOfRunningReleaseSets())
        let report = try await parts.images.collectGarbage(pinned: pinned)
        try vault.removeAll(except: try await store.secretVersions(), sparingRecent: true)
        try await store.record([
            EventDraft(.garbageCollected, by: actor, "\(report.removedBlobs) blobs removed, \(report.freed) freed")
        ])
        return report
    }

    // MARK: Services

    /// Settings that are in force already are nobody's change, and take no more than to read something.
    func register(_ specification: ServiceSpecification, by caller: Caller) async throws {
        // In turn, so that the settings that it was judged against are those that it replaces.
        try await deployments.inTurn { try await registerNow(specification, by: caller) }
    }

    private func registerNow(_ specification: ServiceSpecification, by caller: Caller) async throws {
        // What is one name for two could be judged by one of them and run by the other.
        let mistakes = specification.mistakes
        guard mistakes.isEmpty else {
            throw ControlError.invalid(
                "the settings of \(specification.service) can't be: \(mistakes.prefix(10).joined(separator: "; "))", remedy: "register an ingot.yaml")
        }
        let earlier = try await store.specification(of: specification.service)
        if earlier != specification {
            let needed = specification.permissions(toReplace: earlier, retired: try await retired(earlier, specification.service))
            for permission in [.register] + needed.sorted(by: { $0.rawValue < $1.rawValue }) {
                try await access.require(permission, in: .service(specification.service), of: caller)
            }
            // The router would refuse the second one, but only once there is a release for it.
            if let (host, holder) = try await store.hostTaken(by: specification) {
                throw ControlError(
                    "host-taken", "host \(host) is already the host of \(holder)",
                    remedy: "give \(specification.service) another `host:`, or take it from \(holder) first", kind: .conflict)
            }
        }
        try await store.register(specification, by: caller.actor.text)
        defer { refreshes.wake() }
        parts.promotedTags.add(specification.environments.map { EnvironmentID(service: specification.service, environment: $0.name) })
        for environment in specification.environments {
            let id = EnvironmentID(service: specification.service, environment: environment.name)
            if let controller = controllers[id] {
                await controller.changeHost(environment.host)
            } else {
                controllers.add(try await EnvironmentController(id, executor: parts.executor, store: store, logger: logger))
            }
        }
    }

    /// Environments that are there and that the settings do not name any more.
    private func retired(_ settings: ServiceSpecification?, _ service: ServiceName) async throws -> Set<EnvironmentName> {
        let present = try await store.environments().filter { $0.service == service }.map(\.environment)
        return Set(present).subtracting(settings?.environments.map(\.name) ?? [])
    }

    func services() async throws -> [ServiceStatus] {
        var statuses: [ServiceStatus] = []
        for service in try await store.services() { statuses.append(try await status(of: service)) }
        return statuses
    }

    func service(_ name: ServiceName) async throws -> ServiceStatus {
        _ = try await specification(of: name)
        return try await status(of: name)
    }

    func specification(of service: ServiceName) async throws -> ServiceSpecification {
        guard let specification = try await store.specification(of: service) else { throw ControlError.unknownService(service) }
        return specification
    }

    /// In the order of the specification; those that it no longer names come last.
    private func status(of service: ServiceName) async throws -> ServiceStatus {
        let specification = try await specification(of: service)
        let named = specification.environments.map { EnvironmentID(service: service, environment: $0.name) }
        let others = controllers.list.map(\.environment).filter { $0.service == service && !named.contains($0) }
        var statuses: [EnvironmentStatus] = []
        for id in named + others {
            if let controller = controllers[id] { statuses.append(try await status(of: controller)) }
        }
        return ServiceStatus(service: service, environments: statuses, notices: specification.gates.notices)
    }

    func add(_ evidence: TestEvidence, to service: ServiceName, by actor: String) async throws -> TestEvidence {
        let specification = try await specification(of: service)
        guard specification.tests.contains(where: { $0.name == evidence.test }) else {
            throw ControlError.invalid(
                "service '\(service)' has no test '\(evidence.test.prefix(80))'", remedy: "register the ingot.yaml that has it")
        }
        var kept = evidence
        kept.at = store.clock.now()
        kept.by = actor
        kept.output = String(decoding: evidence.output.utf8.suffix(Limits.evidenceOutput.bytes), as: UTF8.self)
        try await store.add(kept, to: service, by: actor)
        return kept
    }

    // MARK: Environments and instances

    func controller(_ environment: EnvironmentID) async throws -> EnvironmentController {
        if let controller = controllers[environment] { return controller }
        throw ControlError.unknownEnvironment(environment, known: try await specification(of: environment.service).environments.map(\.name))
    }

    /// What its controller says, the release set under way that it belongs to, and what the gates say of what serves.
    func status(of controller: EnvironmentController) async throws -> EnvironmentStatus {
        var status = await controller.status
        status.set = try await sets.membership(of: controller.environment)
        status.problems += try await refreshes.readings.alarms(of: controller.environment)
        if let serving = status.serving { status.verdicts = try await store.verdicts(on: serving.image, of: controller.environment.service) }
        return status
    }

    /// The environment, if there is such a one.
    func known(_ environment: EnvironmentID) async throws -> EnvironmentID { try await controller(environment).environment }

    /// What the engine knows of instances, with what the router says of them.
    func instances() async throws -> [InstanceDetails] {
        var seen: [InstanceID: InstanceObservation] = [:]
        for controller in controllers.list {
            for instance in await controller.status.fleets.flatMap(\.instances) { seen[instance.id] = instance }
        }
        return try await parts.instances.instances().map { details in
            guard let observation = seen[details.id] else { return details }
            var details = details
            details.health = observation.health.rawValue
            details.requestsInFlight = observation.requestsInFlight
            return details
        }
    }
}
