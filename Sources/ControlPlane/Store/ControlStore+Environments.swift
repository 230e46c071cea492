public import API
import GRDB
public import IngotModel
import Rollout

extension ControlStore {
    public func environments() async throws -> [EnvironmentID] {
        try await read { try String.fetchAll($0, sql: "SELECT id FROM environments ORDER BY id") }.compactMap { EnvironmentID(text: $0) }
    }

    func environment(_ id: EnvironmentID) async throws -> EnvironmentRecord? {
        try await read { database in
            let sql = "SELECT state, wishes, failures FROM environments WHERE id = ?"
            guard let row = try Row.fetchOne(database, sql: sql, arguments: [id.text]) else { return nil }
            return EnvironmentRecord(
                state: try Self.decode(EnvironmentState.self, row["state"], table: "environments", key: id.text),
                wishes: try Self.decode([Wish].self, row["wishes"], table: "environments", key: id.text),
                failures: try Self.decode([FleetFailures].self, row["failures"], table: "environments", key: id.text))
        }
    }

    /// Stores what a pass decided, before any of it is carried out.
    ///
    /// - Throws: `control.overtaken` when the state that the pass went out from is not the stored one any more.
    func save(_ change: EnvironmentChange) async throws {
        let state = try CanonicalJSON.text(change.record.state)
        let before = try CanonicalJSON.text(change.before)
        let failures = try CanonicalJSON.text(change.record.failures)
        let id = change.environment.text
        try await write(change.events) { database in
            let sql = "UPDATE environments SET state = ?, generation = ?, failures = ? WHERE id = ? AND state = ?"
            let generation = change.record.state.target.generation.value
            try database.execute(sql: sql, arguments: [state, generation, failures, id, before])
            if database.changesCount == 0 {
                // A set has no order, and JSON has: one and the same state may stand there in other words.
                let stored = try String.fetchOne(database, sql: "SELECT state FROM environments WHERE id = ?", arguments: [id])
                guard let stored, try Self.decode(EnvironmentState.self, stored, table: "environments", key: id) == change.before else {
                    throw Self.overtaken(change.environment)
                }
                try database.execute(sql: sql, arguments: [state, generation, failures, id, stored])
            }
            if change.takenWishes > 0 {
                let left = try Self.wishes(of: change.environment, database).dropFirst(change.takenWishes)
                try Self.put(Array(left), for: change.environment, database)
            }
            for record in change.ended { try Self.end(record, of: change.environment, database) }
            for (image, reason) in change.holds { try Self.hold(image, in: change.environment, because: reason, at: change.at, database) }
            if let running = change.running { try Self.put(running, of: change.environment, database) }
        }
    }

    /// Adds what an operator asks of an environment to what the planner has not taken up yet.
    func add(_ command: RolloutCommand, for environment: EnvironmentID, event: EventDraft) async throws {
        try await write([event]) { try Self.add(.command(command), for: environment, $0) }
    }

    /// - Throws: `control.too-many-wishes` when the planner has taken nothing up for long.
    static func add(_ wish: Wish, for environment: EnvironmentID, _ database: Database) throws {
        let waiting = try wishes(of: environment, database)
        guard waiting.count < Limits.waitingWishes else {
            throw ControlError(
                "too-many-wishes", "\(waiting.count) wishes for \(environment) wait to be taken up",
                remedy: "see 'ingot status' for what holds it up",
                kind: .unavailable)
        }
        try put(waiting + [wish], for: environment, database)
    }

    private static func wishes(of environment: EnvironmentID, _ database: Database) throws -> [Wish] {
        let text = try String.fetchOne(database, sql: "SELECT wishes FROM environments WHERE id = ?", arguments: [environment.text])
        return try decode([Wish].self, text ?? "[]", table: "environments", key: environment.text)
    }

    private static func put(_ wishes: [Wish], for environment: EnvironmentID, _ database: Database) throws {
        try database.execute(
            sql: "UPDATE environments SET wishes = ? WHERE id = ?", arguments: [try CanonicalJSON.text(wishes), environment.text])
    }

    static let overtakenCode = "control.overtaken"

    private static func overtaken(_ environment: EnvironmentID) -> ControlError {
        .system(
            "overtaken", "another decision about \(environment) was stored meanwhile",
            remedy: "see whether a second daemon runs on the same root")
    }

    private static func put(_ running: RunningRollout, of environment: EnvironmentID, _ database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO rollouts (environment, number, running) VALUES (?, ?, ?)
                ON CONFLICT (environment, number) DO UPDATE SET running = excluded.running
                """, arguments: [environment.text, running.number.value, try CanonicalJSON.text(running)])
    }

    private static func end(_ record: RolloutRecord, of environment: EnvironmentID, _ database: Database) throws {
        try database.execute(
            sql: """
                INSERT INTO rollouts (environment, number, running, record) VALUES (?, ?, NULL, ?)
                ON CONFLICT (environment, number) DO UPDATE SET running = NULL, record = excluded.record
                """, arguments: [environment.text, record.number.value, try CanonicalJSON.text(record)])
    }

    // MARK: Rollouts

    func runningRollout(of environment: EnvironmentID) async throws -> RunningRollout? {
        let text = try await read { database in
            try String.fetchOne(
                database,
                sql: """
                    SELECT running FROM rollouts INDEXED BY rolloutsRunning
                    WHERE environment = ? AND running IS NOT NULL ORDER BY number DESC
                    """,
                arguments: [environment.text])
        }
        return try text.map { try Self.decode(RunningRollout.self, $0, table: "rollouts", key: environment.text) }
    }

    /// The rollouts that have ended, newest first.
    public func rollouts(of environment: EnvironmentID, limit: Int = 1_000) async throws -> [RolloutRecord] {
        try await read { database in
            try String.fetchAll(
                database, sql: "SELECT record FROM rollouts WHERE environment = ? AND record IS NOT NULL ORDER BY number DESC LIMIT ?",
                arguments: [environment.text, limit])
        }.map { try Self.decode(RolloutRecord.self, $0, table: "rollouts", key: environment.text) }
    }

    public func rollout(_ number: Generation, of environment: EnvironmentID) async throws -> RolloutRecord? {
        let text = try await read { database in
            try String.fetchOne(
                database, sql: "SELECT record FROM rollouts WHERE environment = ? AND number = ?",
                arguments: [environment.text, number.value])
        }
        return try text.map { try Self.decode(RolloutRecord.self, $0, table: "rollouts", key: environment.text) }
    }

    /// How many rollouts of an environment ended in which way.
    func rolloutResults(of environment: EnvironmentID) async throws -> [String: Int] {
        try await read { database in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT record ->> 'result' AS result, COUNT(*) AS number FROM rollouts INDEXED BY rolloutsByResult
                    WHERE environment = ? AND record IS NOT NULL GROUP BY 1
                    """, arguments: [environment.text])
            return Dictionary(rows.map { ($0["result"] as String, $0["number"] as Int) }, uniquingKeysWith: +)
        }
    }

    /// When a rollout of an image last succeeded in an environment; `nil` when none did.
    func lastSuccess(of image: Digest, in environment: EnvironmentID) async throws -> Timestamp? {
        let text = try await read { database in
            try String.fetchOne(
                database,
                sql: """
                    SELECT record ->> 'endedAt' FROM rollouts INDEXED BY rolloutsByResult
                    WHERE environment = ? AND record IS NOT NULL AND record ->> 'result' = 'succeeded' AND record ->> 'image' = ?
                    ORDER BY number DESC LIMIT 1
                    """, arguments: [environment.text, image.text])
        }
        return try text.map { text in
            guard let at = Timestamp(text: text) else {
                throw Self.unreadable("rollouts", environment.text, cause: DatabaseError(message: "'\(text)' is no time"))
            }
            return at
        }
    }
}
