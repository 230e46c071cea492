import GRDB
import IngotModel

extension ControlStore {
    // MARK: Rejections

    /// An image that is rejected already keeps its first reason.
    func reject(_ image: Digest, because reason: String, by actor: String) async throws {
        let at = clock.now()
        try await write([EventDraft(.imageRejected, by: actor, image: image, "image \(image.short) is rejected: \(reason)")]) { database in
            try database.execute(
                sql: "INSERT OR IGNORE INTO rejections (image, reason, at, actor) VALUES (?, ?, ?, ?)",
                arguments: [image.text, reason, at.text, actor])
        }
    }

    func accept(_ image: Digest, by actor: String) async throws {
        try await write([EventDraft(.imageAccepted, by: actor, image: image, "image \(image.short) is no longer rejected")]) { database in
            try database.execute(sql: "DELETE FROM rejections WHERE image = ?", arguments: [image.text])
        }
    }

    /// Why an image was rejected; `nil` when it was not.
    func rejection(of image: Digest) async throws -> String? {
        try await read { try String.fetchOne($0, sql: "SELECT reason FROM rejections WHERE image = ?", arguments: [image.text]) }
    }

    func rejectedImages() async throws -> Set<Digest> {
        Set(try await read { try String.fetchAll($0, sql: "SELECT image FROM rejections") }.compactMap { Digest($0) })
    }

    // MARK: Holds

    /// Notes that an environment went away from an image: nothing deploys it there again by itself.
    static func hold(_ image: Digest, in environment: EnvironmentID, because reason: String, at: Timestamp, _ database: Database) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO holds (environment, image, reason, at) VALUES (?, ?, ?, ?)",
            arguments: [environment.text, image.text, reason, at.text])
    }

    /// Why nothing may deploy an image to an environment by itself; `nil` when it may.
    func hold(of image: Digest, in environment: EnvironmentID) async throws -> String? {
        try await read { database in
            try String.fetchOne(
                database, sql: "SELECT reason FROM holds WHERE environment = ? AND image = ?", arguments: [environment.text, image.text])
        }
    }

    /// Changes a hold within a transaction: with the wish that it comes of, or not at all.
    ///
    /// - Returns: the events that tell of it; none when nothing changes.
    static func change(
        _ hold: HoldChange?, in environment: EnvironmentID, by actor: String, at: Timestamp, _ database: Database
    ) throws -> [EventDraft] {
        switch hold {
        case nil: return []
        case .place(let image, let reason):
            try Self.hold(image, in: environment, because: reason, at: at, database)
            return [EventDraft(.holdPlaced, by: actor, environment: environment, image: image, "image \(image.short) is held: \(reason)")]
        case .lift(let image):
            try database.execute(
                sql: "DELETE FROM holds WHERE environment = ? AND image = ?", arguments: [environment.text, image.text])
            guard database.changesCount > 0 else { return [] }
            let words = "image \(image.short) may be deployed again: \(actor) asked for it"
            return [EventDraft(.holdReleased, by: actor, environment: environment, image: image, words)]
        }
    }

    /// Changes a hold where no wish goes with it.
    func change(_ hold: HoldChange, in environment: EnvironmentID, by actor: String) async throws {
        let at = clock.now()
        try await write { ((), try Self.change(hold, in: environment, by: actor, at: at, $0)) }
    }
}

/// What a wish does to the hold of an image in its environment.
enum HoldChange: Sendable {
    case place(Digest, reason: String)
    case lift(Digest)
}
