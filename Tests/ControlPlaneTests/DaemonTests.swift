import API
import Client
import Engine
import Foundation
import IngotModel
import Rollout
import ServiceLifecycle
import Simulation
import Testing

@testable import ControlPlane

/// A whole daemon over a simulated machine, asked through its socket.
struct DaemonRig: Sendable {
    let folder: TemporaryFolder
    let host: SimulatedHost
    let gates = FakeGates()
    let throwaways = FakeThrowaways()
    let images = FakeImages(dirty: [9])
    var root: String { "\(folder.path)/root" }
    var client: Client { Client(socket: "\(root)/ingot.sock") }

    var remote: RemoteListener?
    var logger = quiet

    init() throws {
        folder = try TemporaryFolder()
        host = SimulatedHost(seed: 3)
    }

    func daemon() async throws -> Daemon {
        let (host, gates, throwaways, images) = (host, gates, throwaways, images)
        let configuration = DaemonConfiguration(root: root, remote: remote, version: "0-test")
        return try await Daemon(configuration, clock: WallClock(host.clock), logger: logger) { _ in
            Parts(
                engine: host.engine, router: host.router, images: images, gates: gates, instances: FakeInstances(host: host),
                throwaways: throwaways, host: FakeHost())
        }
    }

    /// Runs a daemon while the body asks it; then stops it gracefully.
    func withDaemon<Result: Sendable>(_ body: @Sendable (Client) async throws -> Result) async throws -> Result {
        try await with(try await daemon(), body)
    }

    func with<Result: Sendable>(_ daemon: Daemon, _ body: @Sendable (Client) async throws -> Result) async throws -> Result {
        let group = ServiceGroup(configuration: ServiceGroupConfiguration(services: [daemon], logger: quiet))
        let running = Task { try await group.run() }
        do {
            try await eventually(nil, "the daemon answers") { (try? await client.health()) != nil }
            let result = try await body(client)
            await group.triggerGracefulShutdown()
            try await running.value
            return result
        } catch {
            await group.triggerGracefulShutdown()
            try? await running.value
            throw error
        }
    }

    /// Lets simulated time pass while something is asked.
    func whileTimePasses<Result: Sendable>(_ body: @Sendable () async throws -> Result) async throws -> Result {
        let host = host
        let time = Task {
            while !Task.isCancelled {
                host.advance(by: 10)
                try? await Task.sleep(for: .milliseconds(1))
            }
        }
        defer { time.cancel() }
        return try await body()
    }

    /// Deploys and waits for the end.
    func deploy(_ reference: String, to environment: EnvironmentID = production) async throws -> RolloutRecord {
        try await end(of: try await client.deploy(reference, to: environment))
    }

    func end(of accepted: DeploymentAccepted) async throws -> RolloutRecord {
        try await whileTimePasses {
            for try await update in client.follow(accepted) {
                if case .ended(let record) = update { return record }
            }
            throw NotComeAbout()
        }
    }
}

func clientError(_ body: () async throws -> Void) async -> ClientError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? ClientError
    }
}

@Suite("The daemon")
struct DaemonTests {
    @Test("deploys, deploys again and rolls back over its socket, and tells who did what")
    func wholeWay() async throws {
        let rig = try DaemonRig()
        try await rig.withDaemon { client in
            try await client.register(serviceSpecification())
            rig.host.withWorld { $0.load = SimulatedLoad(interval: 10, shortest: 2, longest: 20) }
            let first = try await rig.deploy("1")
            #expect(first.result == .succeeded)
            let second = try await rig.deploy("2")
            #expect(second.result == .succeeded)
            #expect(second.from == ReleaseNumber(1))
            #expect(second.requestedBy == "user:\(UserDatabase.name(ofUser: geteuid()))")
            #expect(second.proof.releases.reduce(0) { $0 + $1.served.failed } == 0)
            let back = try await rig.end(of: try await client.rollBack(production))
            #expect(back.release == ReleaseNumber(1))
            #expect(back.kind == "rollback")
            #expect(try await client.status(of: production).serving?.number == ReleaseNumber(1))
            #expect(try await client.rollouts(of: production).map(\.release.value) == [1, 2, 1])
            #expect(try await client.rollout(back.number, of: production) == back)
            #expect(try await client.releases(of: production).map(\.number.value) == [2, 1])
            #expect(try await client.release(ReleaseNumber(2), of: production).image == imageDigest(2))
            #expect(try await client.verifyEvents().isIntact)
            let error = await clientError { _ = try await client.rollBack(production) }
            #expect(error?.code == "control.nothing-to-roll-back-to")
        }
    }

    @Test("answers everything that there is to ask")
    func questions() async throws {
        let rig = try DaemonRig()
        try await rig.withDaemon { client in
            let specification = serviceSpecification(tests: ["unit"])
            try await client.register(specification)
            #expect(try await client.specification(of: shop) == specification)
            #expect(try await client.services().map(\.service) == [shop])
            #expect(try await client.service(shop).environments.map(\.environment) == [production])
            let evidence = TestEvidence(image: imageDigest(1), test: "unit", passed: true, took: 5, output: "ok")
            try await client.add(evidence, to: shop)
            let recorded = try #require(try await client.evidence(for: imageDigest(1), of: shop).first)
            #expect(recorded.at != nil && recorded.output == evidence.output && recorded.passed && recorded.test == "unit")
            _ = try await rig.deploy("1")
            let instances = try await client.instances()
            #expect(instances.count == 2)
            #expect(instances.allSatisfy { $0.health == "up" })
            #expect(try await client.instance(instances[0].id) == instances[0])
            #expect(try await client.collectGarbage().removedBlobs == 1)
            let health = try await client.health()
            #expect(health.version == "0-test")
            #expect(health.processID == Int(getpid()))
            let metrics = try await client.metrics()
            #expect(metrics.contains("ingot_healthy_instances{service=\"shop\",environment=\"production\",release=\"1\"} 2\n"))
            #expect(metrics.contains("ingot_rollouts_total{service=\"shop\",environment=\"production\",result=\"succeeded\"} 1\n"))
            #expect(metrics.contains("# TYPE ingot_build_info gauge\n"))
            var lines: [LogLine] = []
            for try await line in client.logs(of: production, tail: 3) { lines.append(line) }
            #expect(lines.map(\.line) == (0..<3).map { "line \($0)\nof two parts" })
            let throwaway = try await client.startThrowaway(ThrowawayRequest(image: imageDigest(1), lifetime: .seconds(5)), of: shop)
            #expect(throwaway.url == "http://127.0.0.1:8080")
            #expect(try await client.hindrance(ofThrowaway: throwaway.id, of: shop) == "status 503")
            try await client.setFrozen(true, throwaway: throwaway.id, of: shop)
            #expect(try await client.writes(ofThrowaway: throwaway.id, of: shop).paths.map(\.path) == ["/tmp/a"])
            let stranger = FakeThrowaways.stranger
            #expect(await clientError { try await client.endThrowaway(stranger, of: shop) }?.code == "control.not-found", "another service's")
            #expect(await clientError { try await client.setFrozen(true, throwaway: stranger, of: shop) }?.code == "control.not-found")
            #expect(await clientError { _ = try await client.writes(ofThrowaway: stranger, of: shop) }?.code == "control.not-found")
            let reaching = ThrowawayRequest(image: imageDigest(1), lifetime: .seconds(5), peers: ["db": stranger])
            #expect(await clientError { _ = try await client.startThrowaway(reaching, of: shop) }?.code == "control.not-found")
            try await client.endThrowaway(throwaway.id, of: shop)
            #expect(try await client.throwaway(throwaway.id, of: shop).ending?.words == "exit code 0")
            let named = ThrowawayRequest(image: imageDigest(1), lifetime: .seconds(5), peers: ["a b": throwaway.id])
            await #expect(throws: ClientError.self) { try await client.startThrowaway(named, of: shop) }
        }
    }

    @Test("gives up starting a throwaway instance when nobody waits for it any more")
    func interruptedThrowaway() async throws {
        let rig = try DaemonRig()
        try await rig.withDaemon { client in
            try await client.register(serviceSpecification())
            let request = ThrowawayRequest(image: imageDigest(FakeThrowaways.neverReady), lifetime: .minutes(1))
            let asking = Task { try await client.startThrowaway(request, of: shop) }
            try await eventually(nil, "it is being started") { rig.throwaways.endless.begun == 1 }
            asking.cancel()
            try await eventually(nil, "the start is given up") { rig.throwaways.endless.givenUp == 1 }
            await #expect(throws: (any Error).self) { try await asking.value }
        }
    }

    @Test("sends each event live, none twice and none left out")
    func liveEvents() async throws {
        let rig = try DaemonRig()
        try await rig.withDaemon { client in
            let seen = Task {
                var sequences: [Int] = []
                for try await event in client.liveEvents(after: 0) {
                    sequences.append(event.sequence)
                    if event.action == .rolloutSucceeded { break }
                }
                return sequences
            }
            try await client.register(serviceSpecification())
            _ = try await rig.deploy("1")
            let sequences = try await seen.value
            #expect(sequences == Array(1...sequences.count))
        }
    }

    @Test("ends live answers with a problem when it is stopped, and leaves instances alone")
    func gracefulShutdown() async throws {
        let rig = try DaemonRig()
        let following = try await rig.withDaemon { client in
            try await client.register(serviceSpecification())
            _ = try await rig.deploy("1")
            let statuses = client.live(production)
            let first = AsyncStream<Void>.makeStream()
            let task = Task { () -> ClientError? in
                await clientError {
                    for try await _ in statuses { first.continuation.yield() }
                }
            }
            for await _ in first.stream { break }
            return task
        }
        #expect(await following.value?.code == "control.stopping")
        let error = await clientError { _ = try await rig.client.health() }
        #expect(error?.code == "client.daemon-not-running")
        #expect(error?.remedy?.contains("ingot serve") == true)
        #expect(try await rig.host.engine.allFleets() == [FleetID(environment: production, release: ReleaseNumber(1))])
        try await rig.withDaemon { client in
            try await eventually(nil, "it takes up what runs") { try await client.status(of: production).fleets.first?.healthy == 2 }
            #expect(try await client.status(of: production).serving?.number == ReleaseNumber(1))
        }
    }

    @Test("refuses what cannot be, each with a problem that says what")
    func problems() async throws {
        let rig = try DaemonRig()
        try await rig.withDaemon { client in
            let keyed = runSettings(configuration: ["DATABASE_HOST", "MODE"])
            try await client.register(
                serviceSpecification(
                    tests: ["unit"], largest: .mebibytes(5),
                    environments: [
                        environmentSpecification("staging"),
                        environmentSpecification("production", after: "staging", isProduction: true, approval: true),
                    ]))
            let refused = await clientError { _ = try await client.deploy("9", to: production) }
            #expect(refused?.code == "gates.refused")
            #expect(refused?.fault == .gate)
            #expect(refused?.remoteCauses.count == 5)
            try await client.register(serviceSpecification(run: keyed))
            var twin = serviceSpecification()
            twin.service = ServiceName("twin")!
            let cases: [(ClientError?, String, Fault)] = [
                (await clientError { _ = try await client.deploy("1", to: production) }, "control.configuration-missing", .user),
                (await clientError { _ = try await client.deploy("nothing", to: production) }, "control.unknown-image", .user),
                (await clientError { _ = try await client.deploy("release:7", to: production) }, "control.unknown-release", .user),
                (await clientError { _ = try await client.deploy("release:x", to: production) }, "control.invalid-request", .user),
                (await clientError { _ = try await client.rollBack(production) }, "control.nothing-to-roll-back-to", .user),
                (await clientError { _ = try await client.status(of: EnvironmentID(text: "shop/nowhere")!) }, "control.unknown-environment", .user),
                (await clientError { _ = try await client.service(ServiceName("other")!) }, "control.unknown-service", .user),
                (await clientError { _ = try await client.instance(InstanceID(random: 1)) }, "control.not-found", .user),
                (await clientError { for try await _ in client.live(EnvironmentID(text: "other/x")!) {} }, "control.unknown-service", .user),
                (await clientError { try await client.register(twin) }, "control.host-taken", .user),
            ]
            for (error, code, fault) in cases {
                #expect(error?.code == code)
                #expect(error?.fault == fault)
            }
            #expect(try await client.events(limit: 100).map(\.action).contains(.promotionRefused))
        }
    }

    @Test("deploying what already serves makes no release; changed configuration makes one")
    func identical() async throws {
        let rig = try DaemonRig()
        try await rig.withDaemon { client in
            try await client.register(serviceSpecification())
            _ = try await rig.deploy("1")
            let again = try await rig.deploy("1")
            #expect(again.release == ReleaseNumber(1))
            #expect(again.from == ReleaseNumber(1))
            try await client.register(serviceSpecification(environments: [environmentSpecification("production", configuration: ["MODE": "new"])]))
            let changed = try await rig.deploy("1")
            #expect(changed.release == ReleaseNumber(2))
            #expect(try await client.release(ReleaseNumber(2), of: production).configuration == ["MODE": "new"])
        }
    }

    @Test("keeps the values of secrets out of releases, events and errors, and gives them to the engine by version")
    func secrets() async throws {
        let rig = try DaemonRig()
        let file = "\(rig.folder.path)/password"
        try Data("hunter2-\(UInt64.random(in: 0 ... .max))".utf8).write(to: URL(fileURLWithPath: file))
        let value = Array(try Data(contentsOf: URL(fileURLWithPath: file)))
        let text = String(decoding: value, as: UTF8.self)
        try await rig.withDaemon { client in
            let run = runSettings(secrets: ["PASSWORD"])
            try await client.register(
                serviceSpecification(run: run, environments: [environmentSpecification("production", secrets: ["PASSWORD": "\(file)-not"])]))
            let missing = await clientError { _ = try await client.deploy("1", to: production) }
            #expect(missing?.code == "control.secret-missing")
            try await client.register(
                serviceSpecification(run: run, environments: [environmentSpecification("production", secrets: ["PASSWORD": file])]))
            _ = try await rig.deploy("1")
            let release = try await client.release(ReleaseNumber(1), of: production)
            let version = try #require(release.secretVersions["PASSWORD"])
            #expect(version != Digest.of(value), "a plain digest could be found by trying")
            let vault = try SecretVault(folder: "\(rig.root)/secrets")
            #expect(try vault.value(of: version) == value)
        }
        for name in try FileManager.default.contentsOfDirectory(atPath: rig.root) where name.hasPrefix("ingot.db") {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(rig.root)/\(name)"))
            #expect(bytes.range(of: Data(text.utf8)) == nil, "\(name)")
        }
    }

    @Test("ends what nobody owns, and says so")
    func orphans() async throws {
        let rig = try DaemonRig()
        let orphan = FleetID(environment: EnvironmentID(text: "shop/throwaway-0a1b2c3d")!, release: ReleaseNumber(1))
        let specification = FleetSpecification(fleet: orphan, image: imageDigest(1), run: runSettings(), configuration: [:], secretVersions: [:])
        try await rig.host.engine.resize(specification, to: 1, generation: Generation(5))
        rig.host.advance(by: 100)
        #expect(try await rig.host.engine.allFleets() == [orphan])
        try await rig.withDaemon { client in
            try await eventually(rig.host, "the orphan ends") { try await rig.host.engine.allFleets().isEmpty }
            try await eventually(nil, "it is told") { try await client.events(limit: 100).contains { $0.action == .orphanEnded } }
        }
    }

    @Test("is the only one on its root")
    func secondDaemon() async throws {
        let rig = try DaemonRig()
        try await rig.withDaemon { _ in
            let error = await #expect(throws: ControlError.self) { try await rig.daemon() }
            #expect(error?.code == "control.daemon-running")
            #expect(error?.message.contains("process \(getpid())") == true)
        }
        try await rig.withDaemon { _ in }
    }

    @Test("refuses a root of somebody else, and one that others can write")
    func foreignRoot() async throws {
        let rig = try DaemonRig()
        try FileManager.default.createDirectory(atPath: rig.root, withIntermediateDirectories: false)
        chmod(rig.root, 0o777)
        let writable = await #expect(throws: ControlError.self) { try await rig.daemon() }
        #expect(writable?.code == "control.root-writable-by-others")
        chmod(rig.root, 0o711)
        try #require(geteuid() == 0, "only root can give a folder away")
        chown(rig.root, 65_534, 65_534)
        let foreign = await #expect(throws: ControlError.self) { try await rig.daemon() }
        #expect(foreign?.code == "control.root-of-another-user")
    }

    @Test("lets everybody connect to the socket: what they may do is decided for each request")
    func socketMode() async throws {
        let rig = try DaemonRig()
        try await rig.withDaemon { _ in
            try await eventually(nil, "the mode is set") {
                try FileManager.default.attributesOfItem(atPath: "\(rig.root)/ingot.sock")[.posixPermissions] as? Int == 0o666
            }
        }
    }

    @Test("refuses a body that is too large, JSON that is none, and paths that are none, as problem details")
    func rawRequests() async throws {
        let rig = try DaemonRig()
        try await rig.withDaemon { _ in
            let socket = "\(rig.root)/ingot.sock"
            let large = String(repeating: "x", count: Limits.requestBody.bytes + 1)
            let cases: [(String, String, String, Int, String)] = [
                ("GET", "/v1/nothing", "", 404, "control.unknown-route"),
                ("GET", "/v2/health", "", 404, "control.unknown-route"),
                ("PUT", "/v1/services/shop/specification", "{", 400, "control.invalid-request"),
                ("PUT", "/v1/services/shop/specification", "{}", 400, "control.invalid-request"),
                ("PUT", "/v1/services/Shop!/specification", "{}", 400, "control.invalid-request"),
                ("PUT", "/v1/services/shop/specification", large, 413, "control.request-too-large"),
                ("GET", "/v1/events?limit=many", "", 400, "control.invalid-request"),
            ]
            for (method, path, body, status, code) in cases {
                let answer = try rawRequest(method, path, body, socket: socket)
                #expect(answer.status == status, "\(method) \(path)")
                #expect(answer.mediaType == Problem.mediaType)
                #expect(try JSONDecoder().decode(Problem.self, from: Data(answer.body.utf8)).code == code)
            }
        }
    }
}

/// A request by somebody else's HTTP client.
func rawRequest(_ method: String, _ path: String, _ body: String, socket: String) throws -> (status: Int, mediaType: String, body: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/curl")
    process.arguments = [
        "-s", "-X", method, "--unix-socket", socket, "--data-binary", "@-", "-w", "\n%{http_code} %{content_type}", "http://ingot\(path)",
    ]
    let input = Pipe(), output = Pipe()
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    try input.fileHandleForWriting.write(contentsOf: Data(body.utf8))
    try input.fileHandleForWriting.close()
    let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let end = lines.last?.split(separator: " ") ?? []
    return (Int(end.first ?? "") ?? 0, String(end.last ?? ""), lines.dropLast().joined(separator: "\n"))
}
