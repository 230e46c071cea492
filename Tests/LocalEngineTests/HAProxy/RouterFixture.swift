import Engine
import Glibc
import IngotModel
import Logging
import Synchronization
import SystemPackage

@testable import LocalEngine

/// A router with a folder and a port of its own, and the services behind it. Everything ends with the test.
final class RouterFixture: Sendable {
    let folder: FilePath
    let port: Int
    let router: HAProxyRouter
    private let run: Mutex<Task<Void, any Error>?> = Mutex(nil)

    init(folder: FilePath? = nil, port: Int? = nil, program: String? = nil) throws {
        self.folder = folder ?? FilePath("/tmp/ingot-router-\(String(UInt32.random(in: 0 ... .max), radix: 16))")
        self.port = try port ?? Loopback.freePort()
        router = HAProxyRouter(
            folder: self.folder,
            configuration: RouterConfiguration(binds: ["127.0.0.1:\(self.port)"], maximumConnections: 1_000, threads: 2, program: program),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    /// Runs a test with a router, and ends both.
    static func with(_ body: (RouterFixture) async throws -> Void) async throws {
        let fixture = try RouterFixture()
        do {
            try await fixture.start()
            try await body(fixture)
        } catch {
            await fixture.end()
            throw error
        }
        await fixture.end()
    }

    func start() async throws {
        try await router.start()
        let task = Task { try await router.run() }
        run.withLock { $0 = task }
    }

    /// As the daemon ends without HAProxy: its tasks are gone, the process stays.
    func abandon() async {
        let task = run.withLock { $0 }
        task?.cancel()
        await router.close(endingProxy: false)
        _ = await task?.result
    }

    func end() async {
        let task = run.withLock { $0 }
        task?.cancel()
        await router.close(endingProxy: true)
        _ = await task?.result
        removeFolder()
    }

    private func removeFolder() { SystemFile.removeTree(folder) }

    /// Waits until the router has seen these instances healthy.
    func untilUp(_ environment: EnvironmentID, _ instances: [InstanceID]) async throws {
        try await eventually("instances \(instances) to be up") {
            let seen = try await self.router.observe(environment)
            return instances.allSatisfy { seen?.servers[$0]?.health == .up }
        }
    }

    /// Adds a server as a daemon that ends before it has enabled the checks, and waits until HAProxy has looked after them.
    func addUnchecked(_ server: RouteServer) async throws {
        let path = ConfigurationFile(configuration: RouterConfiguration(), folder: folder.string, maximumConnections: 1, user: nil).socketPath
        let answer = try RuntimeSocket(path: path).execute([.addServer(Backend(server.check, slot: 0), server)])
        guard answer.first?.hasPrefix("New server") == true else { throw Overdue(description: "\(answer)") }
        let added = ContinuousClock.now
        try await eventually("its first interval to be over") { ContinuousClock.now - added > server.readiness.startInterval.duration * 4 }
    }

    func served(_ release: Int, of environment: EnvironmentID) async throws -> TrafficCount {
        try await router.traffic(of: environment).first { $0.release == ReleaseNumber(release) }?.served ?? TrafficCount()
    }
}

extension EnvironmentID {
    static func sample(_ service: String = "shop") throws -> EnvironmentID {
        guard let id = EnvironmentID(text: "\(service)/production") else { throw Overdue(description: "not an environment") }
        return id
    }
}

extension Readiness {
    static func sample(path: String? = "/ready") -> Readiness {
        Readiness(path: path, startInterval: 10, interval: 200, timeout: .seconds(2), rise: 2, fall: 3)
    }
}

extension InstanceID {
    static func sample(_ number: UInt32) -> InstanceID { InstanceID(random: 0xab00_0000 + number) }
}

extension RouteServer {
    static func sample(
        _ number: UInt32, release: Int, port: Int, state: State = .active, readiness: Readiness = .sample()
    ) -> RouteServer {
        RouteServer(
            instance: .sample(number), release: ReleaseNumber(release), endpoint: Endpoint(address: "127.0.0.1", port: port),
            readiness: readiness, state: state)
    }
}

extension Route {
    static func sample(
        _ generation: Int, host: String = "shop.test", environment: EnvironmentID, to release: Int?, _ servers: [RouteServer]
    ) -> Route {
        Route(
            environment: environment, generation: Generation(generation), host: host,
            split: release.map { .all(to: ReleaseNumber($0)) } ?? .empty, servers: servers)
    }
}
