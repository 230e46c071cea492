import API
import Client
import Foundation
import IngotModel
import ServiceLifecycle
import Simulation
import Testing

@testable import ControlPlane

private func request(_ attempt: String, keep: Milliseconds? = nil) -> LockRequest {
    LockRequest(reason: "migrating the database", attempt: attempt, keep: keep)
}

@Suite("Locks of an environment")
struct LockTests {
    /// A daemon whose environment serves release 1.
    private func withServing(_ body: @Sendable (DaemonRig, Client) async throws -> Void) async throws {
        let rig = try DaemonRig()
        try await rig.withDaemon { client in
            try await client.register(serviceSpecification())
            _ = try await rig.deploy("1")
            try await body(rig, client)
        }
    }

    private func code(_ body: () async throws -> Void) async -> String? { await clientError(body)?.code }

    @Test("nobody else deploys or scales meanwhile, and is told by whom and why; the holder does, and anybody may go back")
    func refusals() async throws {
        try await withServing { rig, client in
            let grant = try await client.lock(production, request("a"))
            #expect(grant.heartbeat == LeaseTerms.heartbeat)
            let refused = try #require(await clientError { _ = try await client.deploy("2", to: production) })
            #expect(refused.code == "control.locked" && refused.fault == .gate)
            #expect(refused.message.contains("migrating the database") && refused.message.contains("user:"))
            #expect(await code { _ = try await client.scale(production, to: 3) } == "control.locked")
            #expect(await code { _ = try await client.lock(production, request("b")) } == "control.locked")
            #expect(try await client.releases(of: production).count == 1)
            let lock = try #require(try await client.status(of: production).lock)
            #expect(lock.reason == "migrating the database" && lock.token == grant.token && lock.until == nil)

            let accepted = try await client.deploy("2", to: production, token: grant.token)
            #expect(try await rig.end(of: accepted).result == .succeeded)
            #expect(try await rig.end(of: try await client.rollBack(production)).result == .succeeded)
            #expect(try await client.verifyEvents().isIntact)
        }
    }

    @Test("a rollout that runs goes on, and can be paused and aborted by anybody; to retry it is a deployment")
    func orders() async throws {
        let rig = try DaemonRig()
        try await rig.withDaemon { client in
            try await client.register(
                serviceSpecification(environments: [environmentSpecification("production", strategy: OrderTests.canary)]))
            _ = try await rig.deploy("1")
            let accepted = try await client.deploy("2", to: production)
            _ = try await client.lock(production, request("a", keep: .minutes(60)))
            _ = try await client.order(.pause, in: production)
            _ = try await client.order(.resume, in: production)
            _ = try await client.order(.abort, in: production)
            #expect(try await rig.end(of: accepted).result == .returned)
            #expect(await code { _ = try await client.order(.retry, in: production) } == "control.locked")
        }
    }

    @Test("one whose command is gone ends by itself, and an event says so")
    func expiry() async throws {
        try await withServing { rig, client in
            let grant = try await client.lock(production, request("a"))
            for _ in 0..<4 {
                rig.host.advance(by: LeaseTerms.heartbeat)
                _ = try await client.renewLock(grant.token, of: production)
            }
            #expect(await code { _ = try await client.deploy("2", to: production) } == "control.locked")
            rig.host.advance(by: LeaseTerms.length)
            #expect(try await client.deploy("2", to: production).release == ReleaseNumber(2))
            #expect(await code { _ = try await client.renewLock(grant.token, of: production) } == "control.lock-lost")
            try await eventually(nil, "it is noted") { try await client.status(of: production).lock == nil }
            let events = try await client.events().map(\.action)
            #expect(events.filter { $0 == .lockAcquired || $0 == .lockExpired } == [.lockAcquired, .lockExpired])
        }
    }

    @Test("a kept one needs no heartbeat, and ends at its time although nobody asks")
    func kept() async throws {
        try await withServing { rig, client in
            let grant = try await client.lock(production, request("a", keep: .minutes(30)))
            #expect(grant.heartbeat == nil)
            rig.host.advance(by: .minutes(29))
            #expect(await code { _ = try await client.deploy("2", to: production) } == "control.locked")
            #expect(try await client.status(of: production).lock?.until == grant.until)
            rig.host.advance(by: .minutes(1))
            try await eventually(nil, "it has ended") { try await client.status(of: production).lock == nil }
        }
    }

    @Test("who acts by a lock that has ended is refused, also when nobody holds the environment", arguments: [false, true])
    func stale(isHeldAgain: Bool) async throws {
        try await withServing { rig, client in
            let old = try await client.lock(production, request("a"))
            #expect(try await client.unlock(production).ended?.token == old.token)
            #expect(try await client.unlock(production).ended == nil)
            if isHeldAgain { #expect(try await client.lock(production, request("b")).token == old.token.next) }
            #expect(await code { _ = try await client.deploy("2", to: production, token: old.token) } == "control.lock-stale")
            #expect(await code { _ = try await client.renewLock(old.token, of: production) } == "control.lock-lost")
            try await client.releaseLock(old.token, of: production)
            #expect(try await client.status(of: production).lock?.token == (isHeldAgain ? old.token.next : nil))
            #expect(try await client.events().contains { $0.action == .lockTaken && $0.message.contains("took lock \(old.token) from user:") })
        }
    }

    @Test("of many who ask at once one gets it")
    func race() async throws {
        try await withServing { rig, client in
            let grants = await withTaskGroup(of: FencingToken?.self, returning: [FencingToken].self) { group in
                for number in 0..<20 { group.addTask { try? await client.lock(production, request("\(number)")).token } }
                return await group.reduce(into: []) { $0 += [$1].compactMap { $0 } }
            }
            #expect(grants.count == 1)
        }
    }

    @Test("one who asks again after a lost answer has what it got, over a restart of the daemon too, and the token goes on growing")
    func lostAnswer() async throws {
        let rig = try DaemonRig()
        let first = try await rig.withDaemon { client in
            try await client.register(serviceSpecification())
            return try await client.lock(production, request("a"))
        }
        try await rig.withDaemon { client in
            #expect(try await client.lock(production, request("a")).token == first.token)
            #expect(await code { _ = try await client.lock(production, request("b")) } == "control.locked")
            try await client.releaseLock(first.token, of: production)
            #expect(try await client.lock(production, request("b")).token == first.token.next)
            #expect(try await client.events().count { $0.action == .lockAcquired } == 2)
        }
    }

    @Test("while no daemon runs the clock goes on: it is free when the next one starts")
    func daemonDown() async throws {
        let rig = try DaemonRig()
        try await rig.withDaemon { client in
            try await client.register(serviceSpecification())
            _ = try await client.lock(production, request("a"))
        }
        rig.host.advance(by: LeaseTerms.length)
        try await rig.withDaemon { client in
            #expect(try await client.deploy("1", to: production).release == ReleaseNumber(1))
            try await eventually(nil, "its end is noted") { try await client.events().contains { $0.action == .lockExpired } }
        }
    }

    @Test("what is wrong is refused", arguments: [("", 60_000), ("  ", 60_000), ("reason", 0), ("reason", -5), ("reason", 1 << 60)])
    func invalid(reason: String, keep: Int) async throws {
        try await withServing { _, client in
            let asked = LockRequest(reason: reason, attempt: "a", keep: Milliseconds(keep))
            #expect(await clientError { _ = try await client.lock(production, asked) }?.fault == .user)
            #expect(await code { _ = try await client.lock(staging, request("a")) } == "control.unknown-environment")
            #expect(await code { _ = try await client.lock(production, LockRequest(reason: "r", attempt: "")) } == "control.invalid-request")
        }
    }
}

@Suite("The daemon that was taken over")
struct WriterFenceTests {
    @Test("writes nothing any more, says so, and ends")
    func daemonEnds() async throws {
        let rig = try DaemonRig()
        let daemon = try await rig.daemon()
        let group = ServiceGroup(configuration: ServiceGroupConfiguration(services: [daemon], logger: quiet))
        let running = Task { try await group.run() }
        try await eventually(nil, "the daemon answers") { (try? await rig.client.health()) != nil }
        try await rig.client.register(serviceSpecification())
        // The other one shares the folder, and not the lock.
        let other = try ControlStore(path: "\(rig.root)/ingot.db", clock: WallClock(rig.host.clock))
        try await other.takeOver()
        let events = try await other.events(after: nil, limit: 100)
        #expect(await clientError { _ = try await rig.client.deploy("1", to: production) }?.code == "control.taken-over")
        // Should it not end by itself, it is told to, so that the test fails and does not hang.
        let end = Task {
            do { try await Task.sleep(for: .seconds(30)) } catch { return }
            await group.triggerGracefulShutdown()
        }
        let ended = await running.result
        end.cancel()
        #expect(throws: ControlError.self) { try ended.get() }
        #expect(try await other.events(after: nil, limit: 100) == events)
        #expect(try await other.releases(of: production).isEmpty)
        try other.close()
    }

    @Test("each start has a greater token than those before, and nobody who only reads is held back")
    func tokens() async throws {
        let folder = try TemporaryFolder()
        let stores = try (0..<3).map { _ in try ControlStore(path: "\(folder.path)/ingot.db") }
        for store in stores { try await store.takeOver() }
        for store in stores.dropLast() {
            await #expect(throws: ControlError.self) { try await store.register(serviceSpecification(), by: "user:root") }
            #expect(try await store.services().isEmpty)
        }
        try await stores[2].register(serviceSpecification(), by: "user:root")
        #expect(try await stores[0].services() == [shop])
        for store in stores { try store.close() }
    }
}

@Suite("What a command is told of its locks")
struct LockTokenTests {
    @Test("several locks stand in one variable, and are read back")
    func roundTrip() throws {
        let tokens = LockTokens().adding(FencingToken(7), of: production).adding(FencingToken(3), of: staging)
        #expect(tokens.text == "shop/production:7,shop/staging:3")
        #expect(LockTokens(text: tokens.text) == tokens)
        #expect(tokens[production] == FencingToken(7) && tokens.adding(FencingToken(8), of: production)[production] == FencingToken(8))
        #expect(LockTokens(text: "")?.text == "")
    }

    @Test(
        "anything else is no lock",
        arguments: ["7", "production:7", "shop/production:", "shop/production:x", "shop/production:-1", "shop/production:7:8"])
    func others(text: String) { #expect(LockTokens(text: text) == nil) }
}
