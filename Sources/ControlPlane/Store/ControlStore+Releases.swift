import API
import GRDB
public import IngotModel
import Rollout

/// That an image may run in an environment, with what was known of it.
struct Promotion: Sendable {
    var actor: String
    /// The tests that the image passed.
    var evidence: [TestEvidence]
    /// What the gates said that read the image.
    var verdicts: [GateVerdict] = []
    /// How every gate stood.
    var gates: [GateStanding] = []
    /// Why it was made in spite of a freeze; `nil` where there was none.
    var overrideFreeze: String?
}

extension ControlStore {
    public func release(_ number: ReleaseNumber, of environment: EnvironmentID) async throws -> Release? {
        let text = try await read { database in
            try String.fetchOne(
                database, sql: "SELECT body FROM releases WHERE environment = ? AND number = ?",
                arguments: [environment.text, number.value])
        }
        return try text.map { try Self.decode(Release.self, $0, table: "releases", key: "\(environment)/\(number)") }
    }

    /// Newest first.
    public func releases(of environment: EnvironmentID, limit: Int = 1_000) async throws -> [Release] {
        try await read { database in
            try String.fetchAll(
                database, sql: "SELECT body FROM releases WHERE environment = ? ORDER BY number DESC LIMIT ?",
                arguments: [environment.text, limit])
        }.map { try Self.decode(Release.self, $0, table: "releases", key: environment.text) }
    }

    /// Records a promotion, a new release, the wish to move to it, and what that does to a hold: all at once, or nothing.
    ///
    /// - Parameter release: a release whose number is the next one; the number is taken within the transaction.
    /// - Returns: the release with its number.
    func create(
        _ draft: Release, promotion: Promotion, hold: HoldChange? = nil, acceptedAt: Timestamp
    ) async throws -> (Release, PendingRequest) {
        try await write { database in
            let (release, events) = try Self.insert(draft, promotion, at: acceptedAt, database)
            let pending = PendingRequest(
                request: RolloutRequest(kind: .deploy, release: release.number, acceptedAt: acceptedAt), actor: promotion.actor)
            try Self.add(.request(pending), for: release.environment, database)
            let lifted = try Self.change(hold, in: release.environment, by: promotion.actor, at: acceptedAt, database)
            return ((release, pending), lifted + events)
        }
    }

    /// Records a promotion and the release that comes of it, within a transaction.
    static func insert(
        _ draft: Release, _ promotion: Promotion, at: Timestamp, _ database: Database
    ) throws -> (release: Release, events: [EventDraft]) {
        var release = draft
        release.number = try nextRelease(of: draft.environment, database)
        let promoted = try record(promotion, of: release.image, in: release.environment, for: release.number, at: at, database)
        try database.execute(
            sql: "INSERT INTO releases (environment, number, image, body) VALUES (?, ?, ?, ?)",
            arguments: [release.environment.text, release.number.value, release.image.text, try CanonicalJSON.text(release)])
        return (release, promoted + [created(release, by: promotion.actor)])
    }

    private static func created(_ release: Release, by actor: String) -> EventDraft {
        EventDraft(
            .releaseCreated, by: actor, environment: release.environment, release: release.number, image: release.image,
            "release \(release.number) made of image \(release.image.short)\(release.commit.map { ", commit \($0.prefix(12))" } ?? "")")
    }

    /// Records the wish to move to a release that exists, and what that does to a hold: both, or nothing.
    func request(_ pending: PendingRequest, for environment: EnvironmentID, hold: HoldChange? = nil) async throws {
        let at = clock.now()
        try await write { database in
            try Self.add(.request(pending), for: environment, database)
            return ((), try Self.change(hold, in: environment, by: pending.actor, at: at, database))
        }
    }

    static func nextRelease(of environment: EnvironmentID, _ database: Database) throws -> ReleaseNumber {
        let newest = try Int.fetchOne(
            database, sql: "SELECT MAX(number) FROM releases WHERE environment = ?", arguments: [environment.text])
        return ReleaseNumber(newest ?? 0).next
    }

    /// The images of the newest releases of every environment, and of those that its state or a wish names.
    func pinnedImages(releasesKept: Int) async throws -> Set<Digest> {
        var pinned: Set<Digest> = []
        for environment in try await environments() {
            pinned.formUnion(try await uses(of: environment, releasesKept: releasesKept).keys)
        }
        return pinned
    }
}

extension ControlStore {
    /// Every version of a secret that any release names, or that a source had last.
    func secretVersions() async throws -> Set<Digest> {
        let hexes = try await read { database in
            try String.fetchAll(
                database,
                sql: """
                    SELECT value FROM releases, json_each(releases.body, '$.secretVersions')
                    UNION SELECT value FROM secretReadings, json_each(secretReadings.body, '$.versions')
                    """)
        }
        return Set(hexes.compactMap { Digest($0) })
    }
}
