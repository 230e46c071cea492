import API
import IngotModel

extension Desk {
    /// Starts an instance of the service with the settings and the configuration of its first environment, or something that one needs.
    func startThrowaway(_ request: ThrowawayRequest, of name: ServiceName, by caller: Caller) async throws -> Throwaway {
        let service = try await specification(of: name)
        guard try await parts.images.facts(of: request.image) != nil else { throw ControlError.notFound("image \(request.image)") }
        guard request.lifetime > 0 else { throw ControlError.invalid("the lifetime of a throwaway instance must be more than nothing") }
        let lifetime = min(request.lifetime, Limits.throwawayLifetime)
        if let need = request.need {
            return try await parts.throwaways.start(
                ThrowawaySpecification(
                    service: name, image: request.image, run: need.runSettings, configuration: need.environment, secretVersions: [:], peers: [:],
                    root: .scratch, lifetime: lifetime))
        }
        let environment = service.environments.first
        // It gets the configuration and the secrets of that environment, so whoever starts one could read them.
        if let environment, environment.isProduction {
            try await access.require(.deploy, in: .environment(EnvironmentID(service: name, environment: environment.name)), of: caller)
        }
        try environment?.checkConfiguration(service.run.configurationKeys, of: name)
        let versions = try await versions(of: service)
        return try await parts.throwaways.start(
            ThrowawaySpecification(
                service: name, image: request.image, run: service.run, configuration: environment?.configuration ?? [:], secretVersions: versions,
                peers: try await peers(request, of: name), root: request.recordsWrites == true ? .scratch : .readOnly, lifetime: lifetime))
    }

    /// The secrets of its first environment.
    private func versions(of service: ServiceSpecification) async throws -> [String: Digest] {
        guard let environment = service.environments.first else { return [:] }
        let id = EnvironmentID(service: service.service, environment: environment.name)
        return try await refreshes.readings.versions(of: service.run.secretNames, in: environment, of: id)
    }

    /// Names become lines of a hosts file, so they are held to what a manifest may say.
    private func peers(_ request: ThrowawayRequest, of service: ServiceName) async throws -> [String: InstanceID] {
        let peers = request.peers ?? [:]
        guard peers.count <= Limits.throwawayPeers, peers.keys.allSatisfy(TestNeed.isName) else {
            throw ControlError.invalid("at most \(Limits.throwawayPeers) peers, each with \(TestNeed.nameExpectation)")
        }
        for id in peers.values { try await checkThrowaway(id, of: service) }
        return peers
    }

    /// - Throws: when there is no such throwaway instance, or it is another service's.
    func checkThrowaway(_ id: InstanceID, of service: ServiceName) async throws {
        guard try await parts.throwaways.service(of: id) == service else { throw ControlError.notFound("throwaway instance \(id) of \(service)") }
    }
}
