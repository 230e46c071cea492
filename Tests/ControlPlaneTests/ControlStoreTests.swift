import API
import Foundation
import GRDB
import IngotModel
import Rollout
import Testing

@testable import ControlPlane

@Suite("The control store")
struct ControlStoreTests {
    let folder: TemporaryFolder
    var path: String { "\(folder.path)/ingot.db" }

    init() throws { folder = try TemporaryFolder() }

    private func filled() async throws -> ControlStore {
        let store = try ControlStore(path: path)
        try await store.register(serviceSpecification(), by: "user:root")
        for number in 1...5 { try await store.record([EventDraft(.testPassed, by: "user:a\"b/é", image: imageDigest(number), "test \(number)")]) }
        _ = try await store.create(draft(), promotion: Promotion(actor: "user:root", evidence: []), acceptedAt: Timestamp(secondsSince1970: 1))
        return store
    }

    private func draft() -> Release {
        let facts = ImageFacts(digest: imageDigest(1), size: 1, commit: nil, isDirty: false)
        return Release(
            of: facts, in: environmentSpecification("production"), service: serviceSpecification(), secretVersions: [:],
            at: Timestamp(secondsSince1970: 1), by: "user:root")
    }

    /// Changes the file as somebody would who wants to hide something.
    private func tamper(_ sql: String) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.write { database in
            for trigger in ["eventsStay", "eventsUnchanged"] { try database.execute(sql: "DROP TRIGGER \(trigger)") }
            try database.execute(sql: sql)
        }
        try queue.close()
    }

    @Test("finds the chain of events whole when nobody touched it, also after it was opened again")
    func intactChain() async throws {
        let store = try await filled()
        #expect(try await store.verifyEvents() == EventVerification(isIntact: true, events: 8, firstBroken: nil))
        try store.close()
        let again = try ControlStore(path: path)
        try await again.record([EventDraft(.daemonStarted, "again")])
        #expect(try await again.verifyEvents() == EventVerification(isIntact: true, events: 9, firstBroken: nil))
        #expect(try await again.events(after: 6, limit: 10).map(\.sequence) == [7, 8, 9])
        #expect(try await again.events(after: nil, limit: 2).map(\.sequence) == [8, 9])
        #expect(try await again.events(after: nil, limit: 10, environment: production).map(\.action) == [.imagePromoted, .releaseCreated])
        try again.close()
    }

    @Test(
        "finds where the chain of events was broken",
        arguments: [
            ("UPDATE events SET body = replace(body, 'test 3', 'test 9') WHERE sequence = 4", 4),
            ("UPDATE events SET environment = 'shop/staging' WHERE sequence = 7", 7),
            ("DELETE FROM events WHERE sequence = 3", 3),
            ("DELETE FROM events WHERE sequence = 8", 8),
            ("DELETE FROM events", 1),
            ("UPDATE events SET sequence = 100 WHERE sequence = 2", 2),
            ("INSERT INTO events SELECT 9, environment, body, digest FROM events WHERE sequence = 8", 9),
            ("UPDATE events SET body = 'not JSON' WHERE sequence = 1", 1),
        ])
    func brokenChain(_ sql: String, _ sequence: Int) async throws {
        try await filled().close()
        try tamper(sql)
        let store = try ControlStore(path: path)
        let verification = try await store.verifyEvents()
        #expect(!verification.isIntact)
        #expect(verification.firstBroken == sequence)
        try store.close()
    }

    @Test(
        "refuses to change or delete what is history",
        arguments: [
            "UPDATE events SET body = ''", "DELETE FROM events", "UPDATE releases SET body = ''", "DELETE FROM releases", "DELETE FROM rollouts",
            "UPDATE rollouts SET record = '{}'",
        ])
    func immutable(_ sql: String) async throws {
        let store = try await filled()
        try await store.pool.write { database in
            try database.execute(sql: "INSERT INTO rollouts (environment, number, record) VALUES ('shop/production', 1, '{}')")
        }
        await #expect(throws: DatabaseError.self) { try await store.pool.write { try $0.execute(sql: sql) } }
        try store.close()
    }

    @Test("does not record an event when its change fails, and leaves no gap")
    func atomic() async throws {
        let store = try await filled()
        await #expect(throws: ControlError.self) {
            try await store.write([EventDraft(.testPassed, "never")]) { try $0.execute(sql: "INSERT INTO nowhere VALUES (1)") }
        }
        try await store.record([EventDraft(.testPassed, "after")])
        #expect(try await store.verifyEvents() == EventVerification(isIntact: true, events: 9, firstBroken: nil))
        try store.close()
    }

    @Test("numbers releases in their environment one after the other, and keeps them as they were made")
    func releases() async throws {
        let store = try await filled()
        let (second, _) = try await store.create(
            draft(), promotion: Promotion(actor: "user:root", evidence: []), acceptedAt: Timestamp(secondsSince1970: 2))
        #expect(second.number == ReleaseNumber(2))
        #expect(try await store.release(ReleaseNumber(2), of: production) == second)
        #expect(try await store.releases(of: production).map(\.number.value) == [2, 1])
        #expect(try await store.environment(production)?.pending?.request.release == ReleaseNumber(2))
        #expect(try await store.pinnedImages(releasesKept: 10) == [imageDigest(1)])
        try store.close()
    }

    @Test("is durable: write-ahead log, and every commit is synced")
    func durable() async throws {
        let store = try ControlStore(path: path)
        let (journal, synchronous) = try await store.pool.writeWithoutTransaction { database in
            (try String.fetchOne(database, sql: "PRAGMA journal_mode"), try Int.fetchOne(database, sql: "PRAGMA synchronous"))
        }
        #expect(journal == "wal")
        #expect(synchronous == 2)
        try store.close()
    }

    @Test("refuses a file that is no database, and says what to do")
    func damaged() throws {
        try Data(repeating: 0x41, count: 8_192).write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: ControlError.self) { try ControlStore(path: path) }
        #expect(error?.code == "control.database-damaged")
        #expect(error?.remedy?.contains("backup") == true)
    }

    @Test("refuses a database in which pages were overwritten")
    func overwritten() async throws {
        let store = try await filled()
        try store.close()
        let queue = try DatabaseQueue(path: path)
        try await queue.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        try queue.close()
        let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try handle.seek(toOffset: 4_096)
        try handle.write(contentsOf: Data(repeating: 0xFF, count: 8_192))
        try handle.close()
        let error = #expect(throws: ControlError.self) { try ControlStore(path: path) }
        #expect(error?.code == "control.database-damaged")
    }

    @Test("refuses a database of a newer version")
    func newer() throws {
        try ControlStore(path: path).close()
        let queue = try DatabaseQueue(path: path)
        try queue.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('99-the-future')") }
        try queue.close()
        let error = #expect(throws: ControlError.self) { try ControlStore(path: path) }
        #expect(error?.code == "control.database-too-new")
    }

    @Test("keeps the wishes that came while older ones were taken up, in their order")
    func wishes() async throws {
        let store = try await filled()
        let record = try #require(try await store.environment(production))
        let first = try #require(record.pending)
        let second = PendingRequest(
            request: RolloutRequest(kind: .rollback, release: ReleaseNumber(1), acceptedAt: Timestamp(secondsSince1970: 9)), actor: "user:b")
        try await store.add(.pause, for: production, event: EventDraft(.rolloutPaused, environment: production, "pause"))
        try await store.request(second, for: production)
        #expect(try await store.environment(production)?.wishes == [.request(first), .command(.pause), .request(second)])
        for left in [[Wish.request(second)], []] {
            let taken = left.isEmpty ? 1 : 2
            try await store.save(
                EnvironmentChange(
                    environment: production, record: record, before: record.state, takenWishes: taken, running: nil, ended: [], events: [],
                    at: Timestamp(secondsSince1970: 9)))
            #expect(try await store.environment(production)?.wishes == left)
        }
        try store.close()
    }

    @Test("takes up no more wishes than the limit while nothing comes of them")
    func tooManyWishes() async throws {
        let store = try await filled()
        let wish = try CanonicalJSON.text(Array(repeating: Wish.command(.resume), count: Limits.waitingWishes))
        try await store.pool.write { try $0.execute(sql: "UPDATE environments SET wishes = ?", arguments: [wish]) }
        let error = await #expect(throws: ControlError.self) {
            try await store.add(.pause, for: production, event: EventDraft(.rolloutPaused, environment: production, "pause"))
        }
        #expect(error?.code == "control.too-many-wishes")
        try store.close()
    }

    @Test("takes up what waited in a database of the version before")
    func migration() async throws {
        let request = PendingRequest(
            request: RolloutRequest(kind: .deploy, release: ReleaseNumber(3), acceptedAt: Timestamp(secondsSince1970: 9)), actor: "user:b")
        let queue = try DatabaseQueue(path: path)
        try Migrations.all.migrate(queue, upTo: "4-rejections")
        try await queue.write { database in
            try database.execute(sql: "INSERT INTO services (name, specification, registeredAt, registeredBy) VALUES ('shop', '{}', '', '')")
            try database.execute(
                sql: """
                    INSERT INTO environments (id, service, state, generation, request, commands, failures)
                    VALUES ('shop/production', 'shop', ?, 0, ?, ?, '[]'), ('shop/staging', 'shop', ?, 0, NULL, '[]', '[]')
                    """,
                arguments: [
                    try CanonicalJSON.text(EnvironmentState()), try CanonicalJSON.text(request),
                    try CanonicalJSON.text([RolloutCommand.pause, .scale(3)]), try CanonicalJSON.text(EnvironmentState()),
                ])
        }
        try queue.close()
        let store = try ControlStore(path: path)
        #expect(try await store.environment(production)?.wishes == [.request(request), .command(.pause), .command(.scale(3))])
        #expect(try await store.environment(staging)?.wishes == [])
        try store.close()
    }

    @Test("stores a decision over the same state in whatever order its sets stand there")
    func unordered() async throws {
        let store = try await filled()
        var json = try CanonicalJSON.text(EnvironmentState())
        json = json.replacingOccurrences(of: #""draining":[]"#, with: #""draining":[1,2,3,4,5,6,7]"#)
        try #require(json.contains("[1,2,3,4,5,6,7]"))
        let state = try JSONDecoder().decode(EnvironmentState.self, from: Data(json.utf8))
        var before = EnvironmentState()
        for _ in 0..<30 {
            try await store.save(
                EnvironmentChange(
                    environment: production, record: EnvironmentRecord(state: state), before: before, running: nil, ended: [], events: [],
                    at: Timestamp(secondsSince1970: 9)))
            // As after a start of the daemon: another set, of the same members.
            before = try #require(try await store.environment(production)).state
            #expect(before == state)
        }
        try store.close()
    }

    @Test("counts the tokens of a person that have not ended, and refuses one too many")
    func tokens() async throws {
        let store = try ControlStore(path: path)
        let alice = try #require(AccessSubject(text: "user:alice"))
        var random = SystemRandomNumberGenerator()
        func add(_ number: Int, of owner: AccessSubject, at: Int) async throws {
            let token = AccessToken(using: &random)
            let at = Timestamp(secondsSince1970: at)
            let record = TokenRecord(
                id: token.id, name: try #require(TokenName("t\(number)")), owner: owner, grant: Grant(.viewer), by: "user:root", at: at,
                until: at + .minutes(60))
            try await store.add(record, token)
        }
        for number in 0..<Limits.tokensOfPerson { try await add(number, of: alice, at: 0) }
        let error = await #expect(throws: ControlError.self) { try await add(100, of: alice, at: 3_599) }
        #expect(error?.message == "user:alice has 50 tokens already")
        try await add(100, of: try #require(AccessSubject(text: "user:bob")), at: 3_599)
        try await add(101, of: alice, at: 3_600)
        try store.close()
    }

    @Test("refuses one grant too many, and takes one that is there as given")
    func grants() async throws {
        let store = try ControlStore(path: path)
        let before = try await store.allGrants().count
        func request(_ number: Int) throws -> GrantRequest {
            GrantRequest(subject: try #require(AccessSubject(text: "user:u\(number)")), grant: Grant(.viewer))
        }
        for number in before..<Limits.grants { try await store.add(try request(number), by: "user:root") }
        let error = await #expect(throws: ControlError.self) { try await store.add(try request(Limits.grants), by: "user:root") }
        #expect(error?.message == "there are 1000 grants already")
        try await store.add(try request(before), by: "user:root")
        #expect(try await store.allGrants().count == Limits.grants)
        try store.close()
    }

    @Test("gives a release the promotion that let it in, and one that was made of it with new secrets the same")
    func promotions() async throws {
        let store = try await filled()
        let first = try #require(try await store.release(ReleaseNumber(1), of: production))
        _ = try await store.promote(first.image, in: production, Promotion(actor: "user:later", evidence: []))
        var rotated = first
        rotated.number = ReleaseNumber(2)
        #expect(try await store.promotion(of: rotated)?.actor == "user:root")
        _ = try await store.create(draft(), promotion: Promotion(actor: "user:b", evidence: []), acceptedAt: Timestamp(secondsSince1970: 0))
        #expect(try await store.promotion(of: rotated)?.actor == "user:b")
        #expect(try await store.promotion(of: first)?.actor == "user:root")
        // The last is the one that was recorded last, though its clock was behind.
        #expect(try await store.lastPromotion(in: production)?.at == Timestamp(secondsSince1970: 0))
        try store.close()
    }

    @Test("knows which release came of a promotion in a database of the version before")
    func earlierPromotions() async throws {
        let store = try await filled()
        try store.close()
        let queue = try DatabaseQueue(path: path)
        try await queue.write { database in
            try database.execute(sql: "DROP INDEX promotionsByRelease")
            try database.execute(sql: "DROP INDEX promotionsByEnvironment")
            try database.execute(sql: "ALTER TABLE promotions DROP COLUMN release")
            try database.execute(sql: "CREATE INDEX promotionsByImage ON promotions (environment, image)")
            try database.execute(sql: "DELETE FROM grdb_migrations WHERE identifier = '13-promotion-releases'")
        }
        try queue.close()
        let again = try ControlStore(path: path)
        let first = try #require(try await again.release(ReleaseNumber(1), of: production))
        #expect(try await again.promotion(of: first)?.actor == "user:root")
        try again.close()
    }

    @Test("stores no decision that went out from another state than the stored one")
    func overtaken() async throws {
        let store = try await filled()
        let before = EnvironmentState()
        func save(_ change: (inout EnvironmentState) -> Void) async throws {
            var state = before
            change(&state)
            try await store.save(
                EnvironmentChange(
                    environment: production, record: EnvironmentRecord(state: state), before: before, running: nil, ended: [], events: [],
                    at: Timestamp(secondsSince1970: 9)))
        }
        let scaled: (inout EnvironmentState) -> Void = { state in
            _ = state.advance(
                commands: [.scale(3)], releases: [:], observation: Observation(fleets: [], split: .empty), now: Timestamp(secondsSince1970: 9))
        }
        try await save(scaled)
        let error = await #expect(throws: ControlError.self) { try await save { _ in } }
        #expect(error?.code == ControlStore.overtakenCode)
        #expect(try await store.environment(production)?.state.scale == 3)
        try store.close()
    }

    @Test("a log of any length is written anew")
    func longLog() throws {
        let log = "\(path)-wal"
        let end = 5 << 20
        #expect(FileManager.default.createFile(atPath: log, contents: nil))
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
        try file.seek(toOffset: UInt64(end))
        try file.write(contentsOf: Data("end".utf8))
        try file.close()
        try WriteAheadLog.renew(of: path)
        let renewed = try Data(contentsOf: URL(fileURLWithPath: log))
        #expect(renewed.count == end + 3 && renewed.suffix(3) == Data("end".utf8))
    }

    @Test("nobody else may read it, from its first byte on")
    func mode() throws {
        try ControlStore.reserve(path)
        let reserved = try FileManager.default.attributesOfItem(atPath: path)
        #expect(reserved[.posixPermissions] as? Int == 0o600 && reserved[.size] as? Int == 0)
        let store = try ControlStore(path: path)
        for suffix in ["", "-wal", "-shm"] {
            let mode = try FileManager.default.attributesOfItem(atPath: path + suffix)[.posixPermissions] as? Int
            #expect(mode == 0o600, "\(suffix)")
        }
        try store.close()
    }

    @Test("a log that was left behind is written anew, as it was")
    func renewedLog() async throws {
        let store = try await filled()
        let log = try Data(contentsOf: URL(fileURLWithPath: path + "-wal"))
        try #require(!log.isEmpty)
        // What a daemon leaves that was killed.
        let copy = "\(folder.path)/copy.db"
        try FileManager.default.copyItem(atPath: path, toPath: copy)
        try FileManager.default.copyItem(atPath: path + "-wal", toPath: copy + "-wal")
        let inode = try FileManager.default.attributesOfItem(atPath: copy + "-wal")[.systemFileNumber] as? Int
        let unfinished = "\(folder.path)/.copy.db-wal.1.2"
        #expect(FileManager.default.createFile(atPath: unfinished, contents: nil))
        try WriteAheadLog.renew(of: copy)
        #expect(!FileManager.default.fileExists(atPath: unfinished))
        #expect(try Data(contentsOf: URL(fileURLWithPath: copy + "-wal")) == log)
        #expect(try FileManager.default.attributesOfItem(atPath: copy + "-wal")[.systemFileNumber] as? Int != inode)
        let again = try ControlStore(path: copy)
        #expect(try await again.verifyEvents().isIntact)
        try again.close()
        try WriteAheadLog.renew(of: copy)
        try store.close()
    }
}
