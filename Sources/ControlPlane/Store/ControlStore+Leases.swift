import GRDB
import IngotModel

extension ControlStore {
    /// The leases that are held or whose end nobody has noted yet.
    func leases() async throws -> [EnvironmentID: Lease] {
        try await read { database in
            var leases: [EnvironmentID: Lease] = [:]
            for row in try Row.fetchAll(database, sql: "SELECT environment, state FROM leases") {
                guard let id = EnvironmentID(text: row["environment"] as String) else { continue }
                leases[id] = try Self.decode(LeaseState.self, row["state"], table: "leases", key: id.text).lease
            }
            return leases
        }
    }

    func leaseState(of environment: EnvironmentID) async throws -> LeaseState { try await read { try Self.leaseState(of: environment, $0) } }

    /// One step of a lease, wholly or not at all: what it was is read, changed and written in one transaction, so that of two who ask at
    /// once one is first.
    func changeLease<Answer: Sendable>(
        of environment: EnvironmentID, _ body: @escaping @Sendable (inout LeaseState) -> (answer: Answer, events: [EventDraft])
    ) async throws -> Answer {
        try await write { database in
            let before = try Self.leaseState(of: environment, database)
            var state = before
            let (answer, events) = body(&state)
            if state != before { try Self.put(state, of: environment, database) }
            return (answer, events)
        }
    }

    private static func leaseState(of environment: EnvironmentID, _ database: Database) throws -> LeaseState {
        let text = try String.fetchOne(database, sql: "SELECT state FROM leases WHERE environment = ?", arguments: [environment.text])
        return try text.map { try decode(LeaseState.self, $0, table: "leases", key: environment.text) } ?? LeaseState()
    }

    private static func put(_ state: LeaseState, of environment: EnvironmentID, _ database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO leases (environment, token, state) VALUES (?, ?, ?)
                ON CONFLICT (environment) DO UPDATE SET token = excluded.token, state = excluded.state
                """, arguments: [environment.text, state.newestToken.value, try CanonicalJSON.text(state)])
    }
}
