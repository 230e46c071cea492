import IngotModel
import Logging
import Secrets

/// Asks the sources of an environment's secrets, keeps the values in the vault, and remembers versions and failures.
actor SecretReadings {
    /// A source that was asked so short a time ago is not asked again within a deployment's turn.
    static let freshness = Milliseconds.seconds(10)

    private let store: ControlStore
    private let vault: SecretVault
    private let sources: SecretSources
    private var known: [EnvironmentID: [String: SecretReading]] = [:]
    /// What the database holds of them.
    private var stored: [EnvironmentID: [String: SecretReading]] = [:]
    private var lookedAt: [EnvironmentID: Timestamp] = [:]
    private var turns: [EnvironmentID: Task<[SecretReading], any Error>] = [:]

    init(store: ControlStore, vault: SecretVault, sources: SecretSources) {
        self.store = store
        self.vault = vault
        self.sources = sources
    }

    /// Asks for all secrets of an environment. One look at a time; takes seconds at most.
    ///
    /// - Parameter isUrgent: also asks sources that have just failed.
    @discardableResult
    func refresh(_ environment: EnvironmentID, _ references: [String: SecretReference], isUrgent: Bool = false) async throws -> [SecretReading] {
        guard !references.isEmpty else { return [] }
        let before = turns[environment]
        let turn = Task {
            _ = try? await before?.value
            return try await self.look(environment, references, isUrgent)
        }
        turns[environment] = turn
        return try await turn.value
    }

    private func look(
        _ environment: EnvironmentID, _ references: [String: SecretReference], _ isUrgent: Bool
    ) async throws -> [SecretReading] {
        try await load(environment)
        let key = vault.sealingKey(for: environment)
        let values = await sources.read(references, for: environment, key: key, isUrgent: isUrgent)
        let now = store.clock.now()
        var readings: [SecretReading] = []
        for (name, reference) in references.sorted(by: { $0.key < $1.key }) {
            guard let value = values[name] else { continue }
            readings.append(reading(name, reference, of: environment).after(try kept(value), at: now))
        }
        let look = SecretLook(environment: environment, before: stored[environment] ?? [:], after: readings, at: now)
        let changes = look.toStore
        if !changes.isEmpty { try await store.save(changes, of: environment, events: look.events) }
        for reading in changes { stored[environment, default: [:]][reading.name] = reading }
        known[environment] = Dictionary(uniqueKeysWithValues: readings.map { ($0.name, $0) })
        lookedAt[environment] = now
        return readings
    }

    private func kept(_ value: Result<SecretValue, SecretError>) throws -> Result<Digest, SecretError> {
        switch value {
        case .success(let value): .success(try value.withBytes { try vault.keep($0) })
        case .failure(let error): .failure(error)
        }
    }

    /// What is known of a secret at this place; nothing of what it had at another one.
    private func reading(_ name: String, _ reference: SecretReference, of environment: EnvironmentID) -> SecretReading {
        let new = SecretReading(name, reference)
        guard let known = known[environment]?[name], known.place == new.place else { return new }
        return known
    }

    private func load(_ environment: EnvironmentID) async throws {
        guard known[environment] == nil else { return }
        let readings = try await store.secretReadings(of: environment)
        // Another look may have come first.
        guard known[environment] == nil else { return }
        known[environment] = readings
        stored[environment] = readings
    }

    /// Environments that have no secrets any more have nothing that could fail.
    func forget(except environments: Set<EnvironmentID>) {
        for environment in known.keys where !environments.contains(environment) { known[environment] = [:] }
    }

    // MARK: What others ask

    /// What is known now, without asking a source.
    func readings(of environment: EnvironmentID) async throws -> [SecretReading] {
        try await load(environment)
        return (known[environment] ?? [:]).values.sorted { $0.name < $1.name }
    }

    /// The versions that a new release gets. Where a source fails they are the last good ones, which an event tells.
    ///
    /// - Throws: `control.secret-missing` when there never was a value.
    func versions(
        of names: [String], in specification: EnvironmentSpecification, of environment: EnvironmentID
    ) async throws -> [String: Digest] {
        guard !names.isEmpty else { return [:] }
        let references = specification.secrets
        for name in names where references[name] == nil {
            throw Self.missing(name, environment, nil)
        }
        let readings = try await fresh(references, of: environment)
        var versions: [String: Digest] = [:]
        for name in names {
            guard let reading = readings[name], let version = reading.version else {
                throw Self.missing(name, environment, readings[name]?.failure?.error)
            }
            // One that was put away since would only be missed when an instance starts.
            _ = try vault.value(of: version)
            versions[name] = version
        }
        return versions
    }

    private func fresh(_ references: [String: SecretReference], of environment: EnvironmentID) async throws -> [String: SecretReading] {
        try await load(environment)
        let now = store.clock.now()
        let known = known[environment] ?? [:]
        let areKnown = references.allSatisfy { known[$0.key]?.place == SecretReading.place($0.value) }
        if areKnown, let at = lookedAt[environment], at <= now, now - at < Self.freshness { return known }
        let readings = try await refresh(environment, references)
        return Dictionary(uniqueKeysWithValues: readings.map { ($0.name, $0) })
    }

    private static func missing(_ name: String, _ environment: EnvironmentID, _ why: SecretError?) -> ControlError {
        ControlError(
            "secret-missing", "the secret \(name) of \(environment) has no value: \(why?.message ?? "nothing says where it is")",
            remedy: why?.remedy ?? "say where it is under 'secrets' of the environment in ingot.yaml", fault: why?.fault ?? .user,
            kind: why?.fault == .world ? .unavailable : .invalid)
    }

    // MARK: Sources

    func publicKey(for environment: EnvironmentID) -> SealingPublicKey { vault.sealingKey(for: environment).publicKey }
}

extension SecretReadings {
    /// Alarms about an environment, in words.
    func alarms(of environment: EnvironmentID) async throws -> [String] {
        SecretAlarm.lines(try await readings(of: environment), of: environment, at: store.clock.now())
    }
}
