import API
import GRDB
import IngotModel

extension ControlStore {
    /// How long a token that has ended is still listed.
    private static let keptAfterEnd = Milliseconds.seconds(30 * 86_400)

    /// What is known of a token that somebody came with.
    ///
    /// A plain SHA-256 is kept of it: a slow hash is for what people think up, and nobody tries out 256 random bits. The database's
    /// search goes by the part that is no secret, and the comparison takes as long wherever two hashes differ, and where there is none.
    ///
    /// - Throws: `control.not-authenticated`; `control.token-ended` only to who has the whole token.
    func token(_ token: AccessToken) async throws -> TokenRecord {
        let known = try await read { database in
            try Row.fetchOne(database, sql: "SELECT * FROM tokens WHERE id = ?", arguments: [token.id])
                .map { (hash: $0["hash"] as String, record: try Self.tokenRecord($0)) }
        }
        guard Self.isEqual(Digest.of(token.text).hex, known?.hash ?? Digest.ofNoBytes.hex), let record = known?.record else {
            throw ControlError.notAuthenticated
        }
        guard clock.now() < record.until else { throw ControlError.tokenEnded(record) }
        return record
    }

    private static func isEqual(_ left: String, _ right: String) -> Bool {
        let (left, right) = (Array(left.utf8), Array(right.utf8))
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    func tokens() async throws -> [TokenRecord] {
        try await read { try Row.fetchAll($0, sql: "SELECT * FROM tokens ORDER BY name").map(Self.tokenRecord) }
    }

    func add(_ record: TokenRecord, _ token: AccessToken) async throws {
        let oldest = (record.at + (0 - Self.keptAfterEnd)).text
        let hash = Digest.of(token.text).hex
        let words = "token '\(record.name)' of \(record.owner) is made: \(record.grant), until \(record.until)"
        try await write { database in
            try database.execute(sql: "DELETE FROM tokens WHERE until < ?", arguments: [oldest])
            // Those that have ended let nobody in, and count no more.
            let now = record.at.text
            let all = try Int.fetchOne(database, sql: "SELECT COUNT(*) FROM tokens WHERE until > ?", arguments: [now]) ?? 0
            guard all < Limits.tokens else {
                throw ControlError.invalid("there are \(Limits.tokens) tokens already", remedy: "end some with 'ingot token revoke'")
            }
            let own =
                try Int.fetchOne(
                    database, sql: "SELECT COUNT(*) FROM tokens WHERE until > ? AND owner = ?", arguments: [now, record.owner.text]) ?? 0
            guard own < Limits.tokensOfPerson else {
                throw ControlError.invalid("\(record.owner) has \(own) tokens already", remedy: "end some with 'ingot token revoke'")
            }
            guard try String.fetchOne(database, sql: "SELECT id FROM tokens WHERE name = ?", arguments: [record.name.text]) == nil else {
                throw ControlError(
                    "token-name-taken", "there is a token '\(record.name)' already",
                    remedy: "choose another name, or end that one with 'ingot token revoke \(record.name)'", kind: .conflict)
            }
            try database.execute(
                sql: """
                    INSERT INTO tokens (id, hash, name, owner, role, scope, at, actor, until, lastUsed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)
                    """,
                arguments: [
                    record.id, hash, record.name.text, record.owner.text, record.grant.role.rawValue, record.grant.scope.text, record.at.text,
                    record.by, record.until.text,
                ])
            return ((), [EventDraft(.tokenCreated, by: record.by, words)])
        }
    }

    func remove(_ record: TokenRecord, by actor: String) async throws {
        try await write([EventDraft(.tokenRevoked, by: actor, "token '\(record.name)' of \(record.owner) is ended")]) { database in
            try database.execute(sql: "DELETE FROM tokens WHERE id = ?", arguments: [record.id])
        }
    }

    func noteUse(ofToken id: String, at now: Timestamp) async throws {
        try await write([]) { try $0.execute(sql: "UPDATE tokens SET lastUsed = ? WHERE id = ?", arguments: [now.text, id]) }
    }

    private static func tokenRecord(_ row: Row) throws -> TokenRecord {
        guard let name = TokenName(row["name"] as String), let owner = AccessSubject(text: row["owner"]), let at = Timestamp(text: row["at"]),
            let until = Timestamp(text: row["until"])
        else { throw unreadable("tokens", "a token", cause: DatabaseError(message: "not a token")) }
        return TokenRecord(
            id: row["id"], name: name, owner: owner, grant: try grant(row), by: row["actor"], at: at, until: until,
            lastUsed: (row["lastUsed"] as String?).flatMap { Timestamp(text: $0) })
    }
}
