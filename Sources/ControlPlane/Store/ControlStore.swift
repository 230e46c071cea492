import Foundation
import GRDB
import Glibc
import IngotModel

/// Everything the daemon must not forget, in one SQLite database.
///
/// A change and the events that tell of it are one transaction. The journal is a write-ahead log, and `synchronous`
/// is FULL: a decision that was answered to somebody, or carried out, is on the disk, and survives a power cut. That
/// costs one `fdatasync` a decision; there are a dozen decisions in a rollout.
/// Source: https://www.sqlite.org/pragma.html#pragma_synchronous
public final class ControlStore: Sendable {
    let pool: DatabasePool
    let clock: WallClock
    /// Where the database is; what is of the daemon's and no record may stand beside it.
    let folder: String
    /// Told the sequence number of the newest event after each commit.
    let newEvents = Broadcast<Int>()
    /// Of the daemon that writes by this value.
    let fence = WriterFence()

    /// Opens the database, makes it when it is missing, and brings it to its present form.
    ///
    /// - Throws: `ControlError` `control.database-damaged`, `control.database-too-new`, `control.database-unavailable`.
    public init(path: String, clock: WallClock = .system) throws {
        self.clock = clock
        folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        do {
            pool = try DatabasePool(path: path, configuration: Self.configuration)
            do {
                try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
                try Self.check(pool, path)
                try Migrations.all.migrate(pool)
                try Self.restrict(path)
            } catch {
                // At once, and not when somebody lets go of it: who tries again finds the files as they are.
                try? pool.close()
                throw error
            }
        } catch let error as DatabaseError {
            throw Self.explained(error, path)
        }
    }

    public func close() throws {
        newEvents.finish()
        try pool.close()
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.label = "ingot"
        configuration.busyMode = .timeout(5)
        configuration.maximumReaderCount = 4
        configuration.qos = .userInteractive
        return configuration
    }

    /// Finds damage at the start, where it can still be told in peace.
    private static func check(_ pool: DatabasePool, _ path: String) throws {
        let answer = try pool.read { try String.fetchOne($0, sql: "PRAGMA quick_check(1)") }
        guard answer == "ok" else { throw damaged(path, cause: DatabaseError(message: answer ?? "no answer")) }
        guard try !pool.read({ try Migrations.all.hasBeenSuperseded($0) }) else {
            throw ControlError.system(
                "database-too-new", "\(path) was written by a newer version of Ingot",
                remedy: "install the newer version again; this one must not write to it")
        }
    }

    /// The database names no secret, but it is nobody's business either.
    /// Makes an empty database that nobody else may read. SQLite makes one that everybody may, and its other files with the mode of what it finds.
    static func reserve(_ path: String) throws {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw PrivateFile.failed("open", path, "open") }
        Glibc.close(descriptor)
    }

    private static func restrict(_ path: String) throws {
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path + suffix) }
    }

    // MARK: Errors

    private static func explained(_ error: DatabaseError, _ path: String) -> ControlError {
        switch error.resultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: damaged(path, cause: error)
        default:
            .system(
                "database-unavailable", "the database \(path) can't be opened",
                remedy: "check that the disk has room and that the folder belongs to the daemon's user", cause: error)
        }
    }

    private static func damaged(_ path: String, cause: any Error) -> ControlError {
        .system(
            "database-damaged", "the database \(path) is damaged",
            remedy: """
                instances and traffic go on without it; stop the daemon, keep a copy of \(path), \(path)-wal and \(path)-shm, \
                then put back a backup, or try 'sqlite3 \(path) .recover'
                """, cause: cause)
    }

    /// A row that does not hold what it should.
    static func unreadable(_ table: String, _ key: String, cause: any Error) -> ControlError {
        .system(
            "row-unreadable", "\(key) in the table '\(table)' can't be read",
            remedy: "it was changed by something else than Ingot; 'ingot events --verify' says whether the events were too", cause: cause)
    }

    static func decode<Value: Decodable>(_ type: Value.Type, _ text: String, table: String, key: String) throws -> Value {
        do {
            return try CanonicalJSON.value(type, from: text)
        } catch {
            throw unreadable(table, key, cause: error)
        }
    }

    // MARK: Reading and writing

    func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        do {
            return try await pool.read(body)
        } catch let error as DatabaseError {
            throw ControlError.system("database-read-failed", "the database could not be read", remedy: "check the disk", cause: error)
        }
    }

    /// Does a change and records its events, wholly or not at all.
    func write<Value: Sendable>(
        _ events: [EventDraft], _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        try await write { (try body($0), events) }
    }

    /// Does a change and records the events that come of it, wholly or not at all.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> (value: Value, events: [EventDraft])
    ) async throws -> Value {
        let at = clock.now()
        do {
            let (value, last) = try await pool.write { [fence] database in
                try fence.check(database)
                let change = try body(database)
                return (change.value, try Self.append(change.events, at: at, to: database))
            }
            if let last { newEvents.send(last) }
            return value
        } catch let error as DatabaseError {
            throw Self.writeFailed(error)
        }
    }

    private static func writeFailed(_ error: DatabaseError) -> ControlError {
        guard error.resultCode == .SQLITE_FULL else {
            return .system("database-write-failed", "the database could not be written", remedy: "check the disk; nothing was changed", cause: error)
        }
        return .system(
            "disk-full", "the disk is full: the decision could not be recorded, so nothing was changed",
            remedy: "make room, for instance by 'ingot image prune', then ask again", cause: error)
    }
}
