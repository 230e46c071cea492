import API
import GRDB
import IngotModel

extension EventDraft {
    /// That somebody deploys in spite of a freeze.
    static func freezeOverridden(
        of environment: EnvironmentID, for image: Digest, release: ReleaseNumber? = nil, reason: String, by actor: String
    ) -> EventDraft {
        EventDraft(
            .freezeOverridden, by: actor, environment: environment, release: release, image: image,
            "\(environment) is frozen; in spite of it: \(reason)")
    }
}

extension ControlStore {
    // MARK: Promotions

    /// Records that an image may run somewhere, within a transaction.
    ///
    /// - Parameter release: the release that is made of it; `nil` when none is.
    /// - Returns: the events that tell of it.
    static func record(
        _ promotion: Promotion, of image: Digest, in environment: EnvironmentID, for release: ReleaseNumber?, at: Timestamp, _ database: Database
    ) throws -> [EventDraft] {
        try database.execute(
            sql: "INSERT INTO promotions (environment, image, release, at, actor, evidence, verdicts, gates) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            arguments: [
                environment.text, image.text, release?.value, at.text, promotion.actor, try CanonicalJSON.text(promotion.evidence),
                try CanonicalJSON.text(promotion.verdicts), try CanonicalJSON.text(promotion.gates),
            ])
        try noteAuthor(promotion.actor, of: image, for: environment.service, database)
        let overridden = promotion.overrideFreeze.map { EventDraft.freezeOverridden(of: environment, for: image, reason: $0, by: promotion.actor) }
        return (overridden.map { [$0] } ?? []) + [promoted(image, promotion, environment)]
    }

    private static func promoted(_ image: Digest, _ promotion: Promotion, _ environment: EnvironmentID) -> EventDraft {
        let tests = promotion.evidence.filter(\.passed).map(\.test).joined(separator: ", ")
        let approvers = promotion.gates.first { $0.gate == .approval }?.facts.compactMap(\.by) ?? []
        let words = (tests.isEmpty ? "" : "; it passed \(tests)") + (approvers.isEmpty ? "" : "; decided by \(approvers.joined(separator: ", "))")
        return EventDraft(
            .imagePromoted, by: promotion.actor, environment: environment, image: image, "image \(image.short) may run in \(environment)\(words)")
    }

    /// Records a promotion that no release comes of yet.
    func promote(_ image: Digest, in environment: EnvironmentID, _ promotion: Promotion) async throws -> Timestamp {
        let at = clock.now()
        try await write { database in ((), try Self.record(promotion, of: image, in: environment, for: nil, at: at, database)) }
        return at
    }

    /// The image that was last promoted, whatever the clock said, and when; `nil` where none was.
    func lastPromotion(in environment: EnvironmentID) async throws -> (image: Digest, at: Timestamp)? {
        let row = try await read { database in
            try Row.fetchOne(
                database, sql: "SELECT image, at FROM promotions WHERE environment = ? ORDER BY rowid DESC LIMIT 1",
                arguments: [environment.text]
            ).map { (image: $0["image"] as String, at: $0["at"] as String) }
        }
        guard let row, let image = Digest(row.image), let at = Timestamp(text: row.at) else { return nil }
        return (image, at)
    }

    // MARK: Authors

    /// Notes that somebody had a hand in an image, within a transaction.
    static func noteAuthor(_ actor: String, of image: Digest, for service: ServiceName, _ database: Database) throws {
        try database.execute(
            sql: "INSERT OR IGNORE INTO imageAuthors (service, image, actor) VALUES (?, ?, ?)", arguments: [service.text, image.text, actor])
    }

    func authors(of image: Digest, for service: ServiceName) async throws -> Set<String> {
        Set(
            try await read { database in
                try String.fetchAll(
                    database, sql: "SELECT actor FROM imageAuthors WHERE service = ? AND image = ?", arguments: [service.text, image.text])
            })
    }

    // MARK: Approvals

    func add(_ approval: Approval) async throws {
        let isApproval = approval.decision == .approved
        let reason = approval.reason.map { ": \($0)" } ?? ""
        let until = approval.expiresAt.map { " until \($0)" } ?? ""
        let words =
            isApproval
            ? "may run in \(approval.environment)\(until)\(approval.overridesFreeze ? ", also while it is frozen" : "")\(reason)"
            : "is not to run in \(approval.environment)\(reason)"
        let event = EventDraft(
            isApproval ? .promotionApproved : .promotionRejected, by: approval.by, environment: approval.environment, image: approval.image,
            "image \(approval.image.short) \(words)")
        try await write([event]) { database in
            try database.execute(
                sql: "INSERT INTO approvals (environment, image, body) VALUES (?, ?, ?)",
                arguments: [approval.environment.text, approval.image.text, try CanonicalJSON.text(approval)])
        }
    }

    /// Every decision about an image in an environment, oldest first.
    func approvals(of image: Digest, in environment: EnvironmentID) async throws -> [Approval] {
        try await read { database in
            try String.fetchAll(
                database, sql: "SELECT body FROM approvals WHERE environment = ? AND image = ? ORDER BY rowid",
                arguments: [environment.text, image.text])
        }.map { try Self.decode(Approval.self, $0, table: "approvals", key: image.text) }
    }

    // MARK: Freezes

    func place(_ freeze: PlacedFreeze, in environment: EnvironmentID) async throws {
        let until = freeze.until.map { " until \($0)" } ?? ""
        let event = EventDraft(.freezePlaced, by: freeze.by, environment: environment, "nothing new is deployed\(until): \(freeze.reason)")
        try await write([event]) { database in
            try database.execute(
                sql: "INSERT OR REPLACE INTO freezes (environment, body) VALUES (?, ?)",
                arguments: [environment.text, try CanonicalJSON.text(freeze)])
        }
    }

    func lift(_ freeze: PlacedFreeze, in environment: EnvironmentID, by actor: String) async throws {
        let event = EventDraft(.freezeLifted, by: actor, environment: environment, "the freeze of \(freeze.by) is taken away: \(freeze.reason)")
        try await write([event]) { database in
            try database.execute(sql: "DELETE FROM freezes WHERE environment = ?", arguments: [environment.text])
        }
    }

    /// What was placed by hand, also when its time is over.
    func freeze(of environment: EnvironmentID) async throws -> PlacedFreeze? {
        let text = try await read { try String.fetchOne($0, sql: "SELECT body FROM freezes WHERE environment = ?", arguments: [environment.text]) }
        return try text.map { try Self.decode(PlacedFreeze.self, $0, table: "freezes", key: environment.text) }
    }

    // MARK: Starts

    /// What must be signed before an instance of a release starts, and whose keys are trusted by its environment now; `nil` for a release that is
    /// not there. SQLite reads it out, since each start asks.
    func signatures(of fleet: FleetID) async throws -> (demands: [SignatureDemand], rules: [SignatureRule])? {
        let row = try await read { database in
            try Row.fetchOne(
                database,
                sql: """
                    SELECT releases.body -> '$.signatures' AS demands, (
                        SELECT value -> '$.promotion.signatures' FROM services, json_each(services.specification, '$.environments')
                        WHERE name = ? AND value ->> 'name' = ?) AS rules
                    FROM releases WHERE environment = ? AND number = ?
                    """,
                arguments: [
                    fleet.environment.service.text, fleet.environment.environment.text, fleet.environment.text, fleet.release.value,
                ]
            ).map { (demands: $0["demands"] as String?, rules: $0["rules"] as String?) }
        }
        guard let row else { return nil }
        // Records of before there were signatures have neither.
        let demands = try row.demands.map { try Self.decode([SignatureDemand].self, $0, table: "releases", key: "\(fleet)") } ?? []
        return (demands, try row.rules.map { try Self.decode([SignatureRule].self, $0, table: "services", key: fleet.environment.text) } ?? [])
    }
}
