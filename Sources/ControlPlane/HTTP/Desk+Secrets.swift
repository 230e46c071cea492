import API
import IngotModel
import Secrets

extension Desk {
    func secrets(of environment: EnvironmentID) async throws -> SecretsStatus {
        let specification = try await place(environment).specification
        let known = Dictionary(uniqueKeysWithValues: try await refreshes.readings.readings(of: environment).map { ($0.name, $0) })
        let secrets = specification.secrets.sorted { $0.key < $1.key }.map { name, reference -> SecretStatus in
            guard let reading = known[name], reading.place == SecretReading.place(reference) else {
                return SecretStatus(name: name, reference: reference.description)
            }
            return SecretStatus(
                name: name, reference: reference.description, version: reading.version?.short, readAt: reading.readAt,
                changedAt: reading.changedAt, error: reading.failure?.error.message, failingSince: reading.failure?.since)
        }
        return SecretsStatus(environment: environment, secrets: secrets, waits: refreshes.waits(in: environment))
    }

    /// Asks the sources now, and rolls out what has changed.
    func refreshSecrets(_ asked: SecretRefreshRequest, of environment: EnvironmentID, by actor: String) async throws -> SecretRefreshAnswer {
        let place = try await place(environment)
        let answer = try await refreshes.refresh(place, isAsked: true, token: asked.token, by: actor)
        var status = try await secrets(of: environment)
        // What a look by the schedule found meanwhile is not the answer.
        status.waits = answer.waits
        return SecretRefreshAnswer(status: status, release: answer.accepted)
    }

    func sealingKey(of environment: EnvironmentID) async throws -> SealingKeyAnswer {
        _ = try await place(environment)
        return SealingKeyAnswer(environment: environment, key: await refreshes.readings.publicKey(for: environment).text)
    }

    private func place(_ environment: EnvironmentID) async throws -> PlaceWithSecrets {
        PlaceWithSecrets(environment: environment, specification: try await deployments.specification(of: environment).1)
    }

    /// How old the values in use are, by source: it grows while one does not answer.
    func addSecrets(to text: inout PrometheusText) async throws {
        let now = store.clock.now()
        var ages: [(labels: [(String, String)], value: Double)] = []
        var failing: [(labels: [(String, String)], value: Double)] = []
        for place in try await refreshes.places() {
            let readings = try await refreshes.readings.readings(of: place.environment)
            for (source, readings) in Dictionary(grouping: readings, by: \.source).sorted(by: { $0.key < $1.key }) {
                let labels = [("service", place.environment.service.name), ("environment", place.environment.environment.name), ("source", source)]
                if let age = readings.compactMap({ $0.age(at: now) }).max() { ages.append((labels, Double(age.count) / 1_000)) }
                failing.append((labels, Double(readings.count { $0.failure != nil })))
            }
        }
        text.add("ingot_secret_source_age_seconds", .gauge, "How long ago the source last gave the values that are in use.", ages)
        text.add("ingot_secret_source_failing", .gauge, "Secrets whose source does not give them now.", failing)
    }
}
