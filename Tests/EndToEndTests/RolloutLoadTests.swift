import Foundation
import Testing

/// Every strategy on the real parts, under everything that users do at once.
@Suite("Rollouts under full load", .serialized, .timeLimit(.minutes(5)))
struct RolloutLoadTests {
    @Test("recreate: whoever asks in the gap is refused and counted; forward, and back at a random moment")
    func recreate() async throws {
        try await Scenario.run("recreate", strategy: "recreate") { scenario in
            try await scenario.forward { phase in Self.expectOnlyRefusals(phase) }
            try await scenario.backAtRandom { phase in Self.expectOnlyRefusals(phase) }
        }
    }

    @Test("rolling: forward, back at a random moment, and with an instance killed, which costs only what can't be sent again")
    func rolling() async throws {
        try await Scenario.run("rolling", strategy: "rolling") { scenario in
            try await scenario.forward { phase in scenario.expectNothingLost(phase) }
            try await scenario.backAtRandom { phase in scenario.expectNothingLost(phase) }
            try await scenario.forwardWithInstanceKilled()
        }
    }

    @Test("blue-green: forward, back at a random moment, and with HAProxy killed, which costs only what was in flight then")
    func blueGreen() async throws {
        try await Scenario.run("blue-green", strategy: "blue-green") { scenario in
            try await scenario.forward { phase in scenario.expectNothingLost(phase) }
            try await scenario.backAtRandom { phase in scenario.expectNothingLost(phase) }
            try await scenario.forwardWithProxyKilled()
        }
    }

    @Test("canary: forward, back at a random moment, and with the daemon killed, which costs nothing")
    func canary() async throws {
        try await Scenario.run("canary", strategy: "{ canary: { steps: [10%, 50%, 100%], sticky: true } }") { scenario in
            try await scenario.forward { phase in scenario.expectNothingLost(phase) }
            try await scenario.backAtRandom { phase in scenario.expectNothingLost(phase) }
            try await scenario.forwardWithDaemonKilled()
        }
    }

    @Test("a service of one instance answers all the time", arguments: ["rolling", "blue-green", "canary"])
    func oneInstance(strategy: String) async throws {
        let service = try await LoadedService(strategy: strategy, instances: 1)
        defer { service.remove() }
        try await service.workspace.startDaemon()
        try await expectSuccess(service.workspace.ingot("deploy", "production", service.buildNext().image))
        let users = Users([.keptAlive: 4], port: service.workspace.port, host: service.workspace.host)
        let next = try await service.buildNext()
        let deployed = try await service.workspace.ingot("deploy", "production", next.image)
        try await service.settle()
        try await users.end()
        try expectSuccess(deployed)
        #expect(users.all.failed == 0 && users.all.unreachable == 0, "\(users.all)")
        #expect(users.all.bodies.count == 2, "\(users.all)")
    }

    /// Between the two releases there is nobody: users are told so, at once and by a status, and nothing breaks.
    private static func expectOnlyRefusals(_ phase: LoadedPhase) {
        #expect(phase.all.broken == 0 && phase.all.unreachable == 0, "\(phase.name): \(phase.users)")
        #expect(Set(phase.all.refused.keys).isSubset(of: [503]), "\(phase.name): \(phase.all.refused)")
        #expect(phase.wrk.readErrors + phase.wrk.timeouts + phase.wrk.connectErrors == 0, "\(phase.name): \(phase.wrk)")
        #expect(phase.difference.isEmpty, "\(phase.name): \(phase.difference)")
    }
}
