public import API
import GRDB
public import IngotModel

extension ControlStore {
    /// Adds events to the chain within a transaction.
    ///
    /// - Returns: the sequence number of the last.
    static func append(_ drafts: [EventDraft], at: Timestamp, to database: Database) throws -> Int? {
        guard !drafts.isEmpty else { return nil }
        var head = try chainHead(database)
        for draft in drafts {
            let link = try head.appending(draft, at: at)
            head = link.head
            try database.execute(
                sql: "INSERT INTO events (sequence, environment, body, digest) VALUES (?, ?, ?, ?)",
                arguments: [head.sequence, draft.environment?.text, link.body, head.digest.text])
        }
        try database.execute(
            sql: "INSERT OR REPLACE INTO chainHead (only, sequence, digest) VALUES (1, ?, ?)", arguments: [head.sequence, head.digest.text])
        return head.sequence
    }

    static func chainHead(_ database: Database) throws -> ChainHead {
        guard let row = try Row.fetchOne(database, sql: "SELECT sequence, digest FROM chainHead") else { return ChainHead() }
        guard let digest = Digest(row["digest"] as String) else {
            throw unreadable("chainHead", "the digest", cause: DatabaseError(message: "not a digest"))
        }
        return ChainHead(sequence: row["sequence"], digest: digest)
    }

    /// Records events that no other change goes with.
    func record(_ events: [EventDraft]) async throws { try await write(events) { _ in } }

    /// Events after a sequence number, oldest first; without one the newest, oldest first.
    public func events(after sequence: Int?, limit: Int, environment: EnvironmentID? = nil) async throws -> [Event] {
        let count = max(0, min(limit, Limits.eventsPerPage))
        return try await read { database in
            let order = sequence == nil ? "DESC" : "ASC"
            // Two statements, because one that leaves the environment open reads the events of all of them.
            let (condition, arguments): (String, StatementArguments) =
                environment.map { ("environment = ? AND sequence > ?", [$0.text, sequence ?? 0]) } ?? ("sequence > ?", [sequence ?? 0])
            let bodies = try String.fetchAll(
                database, sql: "SELECT body FROM events WHERE \(condition) ORDER BY sequence \(order) LIMIT ?", arguments: arguments + [count])
            let events = try bodies.map { try Self.decode(Event.self, $0, table: "events", key: "an event") }
            return sequence == nil ? events.reversed() : events
        }
    }

    /// Goes through the whole chain. A row that was changed, removed or put in between breaks it at that place.
    public func verifyEvents() async throws -> EventVerification {
        try await read { database in
            var head = ChainHead()
            let rows = try Row.fetchCursor(database, sql: "SELECT sequence, environment, body, digest FROM events ORDER BY sequence")
            while let row = try rows.next() {
                let stored = StoredEvent(sequence: row["sequence"], environment: row["environment"], body: row["body"], digest: row["digest"])
                guard let next = head.following(stored) else { return Self.broken(at: head.sequence + 1, database) }
                head = next
            }
            guard try Self.chainHead(database) == head else { return Self.broken(at: head.sequence + 1, database) }
            return EventVerification(isIntact: true, events: head.sequence, firstBroken: nil)
        }
    }

    private static func broken(at sequence: Int, _ database: Database) -> EventVerification {
        let count = try? Int.fetchOne(database, sql: "SELECT COUNT(*) FROM events")
        return EventVerification(isIntact: false, events: count ?? 0, firstBroken: sequence)
    }
}
