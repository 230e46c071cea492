import GRDB
import IngotModel
import Rollout

extension ControlStore {
    func secretReadings(of environment: EnvironmentID) async throws -> [String: SecretReading] {
        let bodies = try await read { database in
            try String.fetchAll(database, sql: "SELECT body FROM secretReadings WHERE environment = ?", arguments: [environment.text])
        }
        let readings = try bodies.map { try Self.decode(SecretReading.self, $0, table: "secretReadings", key: environment.text) }
        return Dictionary(readings.map { ($0.name, $0) }) { first, _ in first }
    }

    func save(_ readings: [SecretReading], of environment: EnvironmentID, events: [EventDraft]) async throws {
        try await write(events) { database in
            for reading in readings {
                try database.execute(
                    sql: "INSERT OR REPLACE INTO secretReadings (environment, name, body) VALUES (?, ?, ?)",
                    arguments: [environment.text, reading.name, try CanonicalJSON.text(reading)])
            }
        }
    }

    /// Every environment that is given secrets. SQLite leaves out the services without any: this is asked again and again.
    func environmentsWithSecrets() async throws -> [PlaceWithSecrets] {
        let texts = try await read { database in
            try String.fetchAll(
                database,
                sql: "SELECT specification FROM services WHERE json_array_length(specification, '$.run.secretNames') > 0 ORDER BY name")
        }
        return try texts.flatMap { text -> [PlaceWithSecrets] in
            let service = try Self.decode(ServiceSpecification.self, text, table: "services", key: "a service")
            return service.environments.filter { !$0.secrets.isEmpty }.map { environment in
                PlaceWithSecrets(environment: EnvironmentID(service: service.service, environment: environment.name), specification: environment)
            }
        }
    }

    /// Records a release that differs from the one that serves in its secrets only, and the wish to move to it: both, or nothing.
    ///
    /// - Parameter draft: a release whose number is the next one; the number is taken within the transaction.
    func createRotation(
        _ draft: Release, of names: [String], from serving: ReleaseNumber, by actor: String
    ) async throws -> (Release, PendingRequest) {
        let at = draft.createdAt
        return try await write { database in
            var release = draft
            release.number = try Self.nextRelease(of: draft.environment, database)
            try database.execute(
                sql: "INSERT INTO releases (environment, number, image, body) VALUES (?, ?, ?, ?)",
                arguments: [release.environment.text, release.number.value, release.image.text, try CanonicalJSON.text(release)])
            let request = RolloutRequest(kind: .deploy, release: release.number, acceptedAt: at)
            let pending = PendingRequest(request: request, actor: actor)
            try Self.add(.request(pending), for: release.environment, database)
            let what = "secret\(names.count == 1 ? "" : "s") \(names.joined(separator: ", ")) changed"
            let event = EventDraft(
                .releaseCreated, by: actor, environment: release.environment, release: release.number, image: release.image,
                "release \(release.number) made of release \(serving): \(what)")
            return ((release, pending), [event])
        }
    }
}
