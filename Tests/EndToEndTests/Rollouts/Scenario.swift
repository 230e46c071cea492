import Foundation
import Testing

/// A service under load that goes from release to release by one strategy.
struct Scenario {
    let name: String
    let service: LoadedService
    /// Whether a visitor who keeps his cookie stays on the release of his first answer.
    let keepsVisitors: Bool

    static func run(_ name: String, strategy: String, _ body: (Scenario) async throws -> Void) async throws {
        let service = try await LoadedService(strategy: strategy)
        defer { service.remove() }
        try await service.workspace.startDaemon()
        let scenario = Scenario(name: name, service: service, keepsVisitors: strategy.contains("sticky"))
        try await expectSuccess(service.workspace.ingot("deploy", "production", service.buildNext().image))
        print("load | " + LoadedPhase.header)
        try await body(scenario)
        #expect(try await service.workspace.ingot("events", "--verify").exitCode == 0)
    }

    // MARK: Phases

    func forward(_ check: (LoadedPhase) -> Void) async throws {
        let next = try await service.buildNext()
        let phase = try await LoadedPhase.run("\(name), forward", on: service) { users in
            try await expectSuccess(service.workspace.ingot("deploy", "production", next.image))
            // What says that it has succeeded answers, from then on and alone.
            for _ in 0..<50 { #expect(users.askOnce()?.body == next.version, "\(name): the deployment has succeeded") }
            return next.version
        }
        check(phase)
        #expect(!keepsVisitors || phase.all.returns == 0, "\(name): visitors who keep their cookie were sent back to a release that they had left")
        try await expectReported(phase, rollouts: 1)
    }

    /// A deployment that is called back at any moment of it, or after it.
    func backAtRandom(_ check: (LoadedPhase) -> Void) async throws {
        let serving = try #require(await service.status().serving?.number)
        let before = try await service.history().count
        let present = try await presentBody()
        let next = try await service.buildNext()
        let moment = Int.random(in: 0...2_000)
        let phase = try await LoadedPhase.run("\(name), back after \(moment) ms", on: service) { _ in
            try await start(next.image)
            let start = ContinuousClock.now
            try await eventually("\(moment) ms have passed") { ContinuousClock.now - start > .milliseconds(moment) }
            try await expectSuccess(service.workspace.ingot("rollback", "production", "\(serving)"))
            return present
        }
        check(phase)
        try await expectReported(phase, rollouts: service.history().count - before)
        #expect(try await service.status().serving?.number == serving)
    }

    func forwardWithInstanceKilled() async throws {
        let next = try await service.buildNext()
        let phase = try await LoadedPhase.run("\(name), an instance killed", on: service) { _ in
            let victim = try #require(await service.instances().first { $0.state == "running" }?.processID)
            try await start(next.image)
            kill(victim, SIGKILL)
            try await succeed()
            return next.version
        }
        // Requests to it are sent again, but those that change something; streams to it break.
        let posts = phase.users[.slowPost] ?? UserCount()
        #expect(phase.failed == posts.failed + (phase.users[.events]?.failed ?? 0), "\(phase.users), \(phase.wrk)")
        #expect(posts.failed <= LoadedPhase.numbers[.slowPost] ?? 0, "\(posts)")
        #expect(phase.wrk.connectErrors == 0 && phase.all.unreachable == 0)
        try await expectReported(phase, rollouts: 1)
    }

    func forwardWithProxyKilled() async throws {
        let next = try await service.buildNext()
        let phase = try await LoadedPhase.run("\(name), HAProxy killed", on: service) { _ in
            try await start(next.image)
            kill(try service.proxyProcess(), SIGKILL)
            try await succeed()
            return next.version
        }
        // One request on each connection at most, and nobody who came back later failed.
        #expect(phase.all.broken <= LoadedPhase.numbers.values.reduce(0, +), "\(phase.users)")
        #expect(phase.all.refused.isEmpty && phase.wrk.refused == 0, "\(phase.users)")
        // What was in flight on each connection, and what the dying process's listener took of those that came back at once.
        #expect(phase.wrk.readErrors <= 2 * Wrk.connections, "\(phase.wrk)")
    }

    func forwardWithDaemonKilled() async throws {
        let next = try await service.buildNext()
        let phase = try await LoadedPhase.run("\(name), the daemon killed", on: service) { _ in
            try await start(next.image)
            service.workspace.killDaemon()
            try await service.workspace.startDaemon()
            try await expectSuccess(service.workspace.ingot("deploy", "production", next.image))
            return next.version
        }
        expectNothingLost(phase)
    }

    /// Returns once the rollout is accepted. A rollout can be over before anybody who asks again and again has seen it.
    private func start(_ image: String) async throws {
        try await expectSuccess(service.workspace.ingot("deploy", "production", image, "--detach"))
    }

    private func succeed() async throws {
        try await eventually("the rollout to be over", log: service.workspace.daemonLog) { try await service.status().rollout == nil }
        #expect(try await service.history().first?.result == "succeeded")
    }

    private func presentBody() async throws -> String {
        let connection = try #require(UserConnection(port: service.workspace.port, host: service.workspace.host))
        return try #require(connection.ask("GET", "/")).body
    }

    // MARK: Expectations

    /// No request failed, no stream was closed early or many at once, and the router counted what the users did.
    func expectNothingLost(_ phase: LoadedPhase) {
        #expect(phase.failed == 0, "\(phase.name): \(phase.users), \(phase.wrk)")
        #expect(phase.wrk.connectErrors + phase.wrk.writeErrors == 0 && phase.all.unreachable == 0, "\(phase.name): \(phase.wrk)")
        #expect(phase.difference.isEmpty, "\(phase.name): \(phase.difference)")
        expectEvenClosings(phase)
    }

    /// Streams have their whole time, in steps of a second, and never half of them end in one second.
    private func expectEvenClosings(_ phase: LoadedPhase) {
        let closings = phase.closings
        // Few may well have been opened together, and end together.
        guard closings.count >= 20, let first = closings.first, let switched = phase.all.firstSeen.values.max() else { return }
        #expect(first - switched > 0.5, "\(phase.name): a stream was closed \(first - switched) s after the first answer of the new release")
        let most = closings.indices.map { index in closings[index...].prefix { $0 < closings[index] + 0.9 }.count }.max() ?? 0
        #expect(most <= closings.count / 2 + 1, "\(phase.name): \(most) of \(closings.count) streams were closed within a second")
    }

    /// The rollouts' own records say of failures what the users say.
    private func expectReported(_ phase: LoadedPhase, rollouts: Int) async throws {
        let records = try await service.history().prefix(rollouts)
        let failed = records.reduce(0) { $0 + $1.failed }
        #expect((0...Wrk.connections).contains(failed - phase.failed), "\(phase.name): reported \(failed), failed \(phase.failed)")
    }
}
