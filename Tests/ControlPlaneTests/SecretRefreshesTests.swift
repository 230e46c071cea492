import API
import Client
import Foundation
import IngotModel
import Manifest
import Simulation
import Synchronization
import Testing

@testable import ControlPlane

@Suite("When sources of secrets are asked", .timeLimit(.minutes(5)))
struct SecretRefreshesTests {
    @Test("nothing waits for deployments under way while no value has changed")
    func outsideTheTurn() async throws {
        let rig = try DaemonRig()
        let file = "\(rig.folder.path)/password"
        try Data("one".utf8).write(to: URL(fileURLWithPath: file))
        let daemon = try await rig.daemon()
        try await rig.with(daemon) { client in
            var environment = environmentSpecification("production", secrets: ["PASSWORD": file])
            environment.secretRefresh = SecretRefresh(rotation: .manual, interval: .minutes(60))
            try await client.register(serviceSpecification(run: runSettings(secrets: ["PASSWORD"]), environments: [environment]))
            #expect(try await rig.deploy("1").result == .succeeded)
            let (deployments, refreshes) = (daemon.desk.deployments, daemon.desk.refreshes)
            let gate = Gate()
            let isHeld = Mutex(false)
            let turn = Task {
                try await deployments.inTurn {
                    isHeld.withLock { $0 = true }
                    await gate.pass()
                }
            }
            defer { gate.open() }
            try await eventually(nil, "the turn is taken") { isHeld.withLock { $0 } }
            let hasEnded = Mutex(false)
            let place = try #require(try await refreshes.places().first)
            let refresh = Task {
                let decision = try await refreshes.refresh(place, isAsked: true).decision
                hasEnded.withLock { $0 = true }
                return decision
            }
            try await eventually(nil, "the refresh ends") { hasEnded.withLock { $0 } }
            #expect(try await refresh.value == .rest)
            gate.open()
            try await turn.value
        }
    }

    @Test("of many environments that are due only a few are asked about at once")
    func bounded() async throws {
        let rig = try DaemonRig()
        let gate = Gate()
        defer { gate.open() }
        let answer = #"{"data":{"data":{"password":"one"}}}"#
        try await TestServer.with({ _ in .init(body: answer, after: { await gate.pass() }) }) { server, port in
            try FileManager.default.createDirectory(atPath: rig.root, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o711])
            // Two names of one server: the HTTP client has a bound of its own, for each host.
            let sources = ["127.0.0.1", "localhost"].enumerated().map { index, host in
                "vault\(index): { kind: vault, address: 'http://\(host):\(port)', token-file: \(rig.folder.path)/token }"
            }
            let settings = "sources: { \(sources.joined(separator: ", ")) }"
            let isWritten = FileManager.default.createFile(
                atPath: "\(rig.root)/secret-sources.yaml", contents: Data(settings.utf8), attributes: [.posixPermissions: 0o600])
            try #require(isWritten)
            try Data("t".utf8).write(to: URL(fileURLWithPath: "\(rig.folder.path)/token"))
            try await rig.withDaemon { client in
                let environments = (1...20).map { number in
                    var environment = environmentSpecification("e\(number)")
                    let place = VaultReference(source: "vault\(number % 2)", mount: "secret", path: "e\(number)", field: "password")
                    environment.secretSources = ["PASSWORD": .vault(place)]
                    environment.secretRefresh = SecretRefresh(interval: .minutes(60))
                    return environment
                }
                try await client.register(serviceSpecification(run: runSettings(secrets: ["PASSWORD"]), environments: environments))
                try await eventually(nil, "some are asked about") { server.requests.count >= SecretRefreshes.atOnce }
                // A bounded wait for one more than there may be.
                let deadline = ContinuousClock.now + .milliseconds(500)
                while server.requests.count <= SecretRefreshes.atOnce, ContinuousClock.now < deadline { await Task.yield() }
                #expect(server.requests.count == SecretRefreshes.atOnce)
                gate.open()
                try await eventually(nil, "all are asked about") { Set(server.requests.map(\.path)).count == environments.count }
            }
        }
    }

    @Test("which environments have secrets is read from the database when something was registered, not at each look")
    func places() async throws {
        let rig = try DaemonRig()
        let daemon = try await rig.daemon()
        try await rig.with(daemon) { client in
            let (store, refreshes) = (daemon.desk.store, daemon.desk.refreshes)
            func specification(_ names: [String]) -> ServiceSpecification {
                serviceSpecification(
                    run: runSettings(secrets: ["PASSWORD"]),
                    environments: names.map { environmentSpecification($0, secrets: ["PASSWORD": "\(rig.folder.path)/password"]) })
            }
            try await client.register(specification(["a"]))
            #expect(try await refreshes.places().map(\.environment.environment.name) == ["a"])
            // Nobody does so but this test: it shows that the database is not asked.
            try await store.register(specification(["a", "b"]), by: "user:root")
            #expect(try await refreshes.places().count == 1)
            refreshes.wake()
            #expect(try await refreshes.places().count == 2)
            try await client.register(specification(["a", "b", "c"]))
            #expect(try await refreshes.places().count == 3)
        }
    }
}
