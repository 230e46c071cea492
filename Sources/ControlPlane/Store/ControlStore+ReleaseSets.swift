import API
import GRDB
import IngotModel
import Rollout

extension ControlStore {
    /// Records a set, the releases and promotions of its members, and that a person wants their images: all at once, or nothing.
    /// Nothing is asked of any member yet.
    func create(_ members: [AdmittedMember], for asked: ReleaseSetRequest, by actor: String) async throws -> ReleaseSetRecord {
        let at = clock.now()
        return try await write { database in
            var events: [EventDraft] = []
            let states = try members.map { admitted in
                let (release, created) = try Self.release(of: admitted, at: at, database)
                events += created
                events += try Self.change(.lift(release.image), in: release.environment, by: actor, at: at, database)
                return ReleaseSetState.Member(
                    service: admitted.member.service, after: admitted.member.after, release: release.number, before: admitted.before)
            }
            let newest = try Int.fetchOne(database, sql: "SELECT MAX(number) FROM releaseSets") ?? 0
            let record = ReleaseSetRecord(
                number: ReleaseSetNumber(newest + 1), environment: asked.environment, specification: asked.specification, requestedBy: actor,
                state: ReleaseSetState(members: states, limit: asked.specification.deadline, acceptedAt: at), steps: [])
            try database.execute(
                sql: "INSERT INTO releaseSets (number, revision, isRunning, body) VALUES (?, ?, ?, ?)",
                arguments: [record.number.value, record.revision, record.isRunning, try CanonicalJSON.text(record)])
            return (record, events + [ReleaseSetEvents.started(record)])
        }
    }

    private static func release(of admitted: AdmittedMember, at: Timestamp, _ database: Database) throws -> (Release, [EventDraft]) {
        guard let promotion = admitted.promotion else { return (admitted.release, []) }
        return try insert(admitted.release, promotion, at: at, database)
    }

    /// Stores what a pass over a set decided, with what it asks of its members. A set that was changed meanwhile is left as it is.
    func save(_ change: ReleaseSetChange) async throws {
        var record = change.after
        record.revision = change.before.revision + 1
        let (after, body) = (record, try CanonicalJSON.text(record))
        try await write(change.events) { database in
            try database.execute(
                sql: "UPDATE releaseSets SET body = ?, revision = ?, isRunning = ? WHERE number = ? AND revision = ?",
                arguments: [body, after.revision, after.isRunning, after.number.value, change.before.revision])
            guard database.changesCount == 1 else { throw Self.overtaken(after) }
            for (pending, release) in change.requests { try Self.add(.request(pending), for: release.environment, database) }
            for (environment, command) in change.commands { try Self.add(.command(command), for: environment, database) }
            for (environment, image) in change.holds {
                try Self.hold(image, in: environment, because: "\(change.after.title) went back", at: change.at, database)
            }
        }
    }

    private static func overtaken(_ record: ReleaseSetRecord) -> ControlError {
        .system(
            "overtaken", "a newer decision about \(record.title) stands in the database",
            remedy: "see whether a second daemon runs on the same root")
    }

    func releaseSet(_ number: ReleaseSetNumber) async throws -> ReleaseSetRecord? {
        try await sets("WHERE number = ?", [number.value]).first
    }

    /// Newest first.
    func releaseSets(limit: Int = 1_000) async throws -> [ReleaseSetRecord] { try await sets("ORDER BY number DESC LIMIT ?", [limit]) }

    /// Oldest first.
    func runningReleaseSets() async throws -> [ReleaseSetRecord] { try await sets("WHERE isRunning = 1 ORDER BY number", []) }

    private func sets(_ which: String, _ arguments: StatementArguments) async throws -> [ReleaseSetRecord] {
        try await read { try String.fetchAll($0, sql: "SELECT body FROM releaseSets \(which)", arguments: arguments) }
            .map { try Self.decode(ReleaseSetRecord.self, $0, table: "releaseSets", key: "a release set") }
    }

    /// The rollout that a request became, once it has ended.
    func rollout(of request: RolloutRequest, in environment: EnvironmentID) async throws -> RolloutRecord? {
        let text = try await read { database in
            try String.fetchOne(
                database,
                sql: """
                    SELECT record FROM rollouts WHERE environment = ? AND record ->> 'acceptedAt' = ? AND record ->> 'release' = ?
                        AND record ->> 'kind' = ?
                    """, arguments: [environment.text, request.acceptedAt.text, request.release.value, request.kind.rawValue])
        }
        return try text.map { try Self.decode(RolloutRecord.self, $0, table: "rollouts", key: environment.text) }
    }

    /// The images that sets under way may still move their members to, there or back.
    func imagesOfRunningReleaseSets() async throws -> Set<Digest> {
        var images: Set<Digest> = []
        for record in try await runningReleaseSets() {
            for member in record.state.members {
                for number in [member.release, member.before].compactMap({ $0 }) {
                    if let release = try await release(number, of: record.id(of: member.service)) { images.insert(release.image) }
                }
            }
        }
        return images
    }
}
