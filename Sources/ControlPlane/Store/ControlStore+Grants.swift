import API
import GRDB
import IngotModel

extension ControlStore {
    /// What any of these is given.
    func grants(of subjects: [AccessSubject]) async throws -> [Grant] {
        try await read { database in
            let marks = databaseQuestionMarks(count: subjects.count)
            return try Row.fetchAll(
                database, sql: "SELECT role, scope FROM grants WHERE subject IN (\(marks)) ORDER BY role, scope",
                arguments: StatementArguments(subjects.map(\.text))
            ).map(Self.grant)
        }
    }

    func allGrants() async throws -> [GrantRecord] {
        try await read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM grants ORDER BY subject, scope, role").map { row in
                guard let subject = AccessSubject(text: row["subject"]), let at = Timestamp(text: row["at"]) else {
                    throw Self.unreadable("grants", "a grant", cause: DatabaseError(message: "not a grant"))
                }
                return GrantRecord(subject: subject, grant: try Self.grant(row), by: row["actor"], at: at)
            }
        }
    }

    /// Given again, nothing changes.
    func add(_ asked: GrantRequest, by actor: String) async throws {
        let at = clock.now()
        try await write { database in
            try database.execute(
                sql: "INSERT OR IGNORE INTO grants (subject, role, scope, at, actor) VALUES (?, ?, ?, ?, ?)",
                arguments: [asked.subject.text, asked.grant.role.rawValue, asked.grant.scope.text, at.text, actor])
            guard database.changesCount > 0 else { return ((), []) }
            guard try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM grants") ?? 0 <= Limits.grants else {
                throw ControlError.invalid(
                    "there are \(Limits.grants) grants already", remedy: "take some away with 'ingot access revoke', or use groups")
            }
            return ((), [EventDraft(.accessGranted, by: actor, "\(asked.subject) is \(asked.grant)")])
        }
    }

    /// - Returns: whether it was there.
    func remove(_ asked: GrantRequest, by actor: String) async throws -> Bool {
        try await write { database in
            try database.execute(
                sql: "DELETE FROM grants WHERE subject = ? AND role = ? AND scope = ?",
                arguments: [asked.subject.text, asked.grant.role.rawValue, asked.grant.scope.text])
            guard database.changesCount > 0 else { return (false, []) }
            return (true, [EventDraft(.accessRevoked, by: actor, "\(asked.subject) is no longer \(asked.grant)")])
        }
    }

    /// A row that can't be read gives nobody anything.
    static func grant(_ row: Row) throws -> Grant {
        guard let role = Role(rawValue: row["role"]), let scope = AccessScope(text: row["scope"]) else {
            throw unreadable("grants", "a grant", cause: DatabaseError(message: "not a role on a scope"))
        }
        return Grant(role, on: scope)
    }
}
