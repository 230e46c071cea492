public import API
import GRDB
public import IngotModel
import Rollout

extension ControlStore {
    /// Makes a service and its environments known. Environments that are no longer named keep what they have.
    public func register(_ specification: ServiceSpecification, by actor: String) async throws {
        let text = try CanonicalJSON.text(specification)
        let known = try await self.specification(of: specification.service)
        guard known != specification else { return }
        let event = EventDraft(
            .serviceRegistered, by: actor,
            "service \(specification.service) \(known == nil ? "registered" : "changed"), with the environments \(specification.environments.map(\.name.name).joined(separator: ", "))"
        )
        let empty = EnvironmentRecord()
        let at = clock.now()
        try await write([event]) { database in
            try database.execute(
                sql: """
                    INSERT INTO services (name, specification, registeredAt, registeredBy) VALUES (?, ?, ?, ?)
                    ON CONFLICT (name) DO UPDATE SET specification = excluded.specification, registeredAt = excluded.registeredAt,
                        registeredBy = excluded.registeredBy
                    """, arguments: [specification.service.text, text, at.text, actor])
            for environment in specification.environments {
                let id = EnvironmentID(service: specification.service, environment: environment.name)
                try Self.insert(id, empty, database)
            }
        }
    }

    private static func insert(_ id: EnvironmentID, _ record: EnvironmentRecord, _ database: Database) throws {
        try database.execute(
            sql: "INSERT OR IGNORE INTO environments (id, service, state, generation, failures) VALUES (?, ?, ?, ?, ?)",
            arguments: [
                id.text, id.service.text, try CanonicalJSON.text(record.state), record.state.target.generation.value,
                try CanonicalJSON.text(record.failures),
            ])
    }

    public func services() async throws -> [ServiceName] {
        try await read { try String.fetchAll($0, sql: "SELECT name FROM services ORDER BY name") }.compactMap { ServiceName($0) }
    }

    public func specification(of service: ServiceName) async throws -> ServiceSpecification? {
        let text = try await read { database in
            try String.fetchOne(database, sql: "SELECT specification FROM services WHERE name = ?", arguments: [service.text])
        }
        return try text.map { try Self.decode(ServiceSpecification.self, $0, table: "services", key: service.text) }
    }

    /// The host of an environment by its service's specification. SQLite reads it out: a specification may have a thousand environments, and
    /// the controller of each of them asks.
    func host(of environment: EnvironmentID) async throws -> String? {
        try await read { database in
            try String.fetchOne(
                database,
                sql: """
                    SELECT value ->> 'host' FROM services, json_each(services.specification, '$.environments')
                    WHERE name = ? AND value ->> 'name' = ?
                    """, arguments: [environment.service.text, environment.environment.text])
        }
    }

    /// A host of these settings that is one of another service already, and whose; `nil` when there is none.
    func hostTaken(by settings: ServiceSpecification) async throws -> (host: String, by: EnvironmentID)? {
        let hosts = settings.environments.map(\.host)
        return try await read { database in
            let row = try Row.fetchOne(
                database,
                sql: """
                    SELECT value ->> 'host' AS host, name AS service, value ->> 'name' AS environment
                    FROM services, json_each(services.specification, '$.environments')
                    WHERE services.name <> ? AND value ->> 'host' IN (\(databaseQuestionMarks(count: hosts.count))) ORDER BY services.name LIMIT 1
                    """, arguments: StatementArguments([settings.service.text] + hosts))
            guard let row, let holder = EnvironmentID(text: "\(row["service"] as String)/\(row["environment"] as String)") else { return nil }
            return (row["host"], holder)
        }
    }

    // MARK: Evidence

    /// Records how a test went. A newer result of the same test of the same image takes the older one's place;
    /// the events keep both.
    public func add(_ evidence: TestEvidence, to service: ServiceName, by actor: String) async throws {
        let body = try CanonicalJSON.text(evidence)
        let at = clock.now()
        let event = EventDraft(
            evidence.passed ? .testPassed : .testFailed, by: actor, image: evidence.image,
            "test '\(evidence.test)' of \(service) \(evidence.passed ? "passed" : "failed") in \(evidence.took)")
        try await write([event]) { database in
            try database.execute(
                sql: "INSERT OR REPLACE INTO evidence (service, image, test, body, recordedAt) VALUES (?, ?, ?, ?, ?)",
                arguments: [service.text, evidence.image.text, evidence.test, body, at.text])
            try Self.noteAuthor(actor, of: evidence.image, for: service, database)
        }
    }

    public func evidence(for image: Digest, of service: ServiceName) async throws -> [TestEvidence] {
        try await read { database in
            try String.fetchAll(
                database, sql: "SELECT body FROM evidence WHERE service = ? AND image = ? ORDER BY test",
                arguments: [service.text, image.text])
        }.map { try Self.decode(TestEvidence.self, $0, table: "evidence", key: image.text) }
    }
}
