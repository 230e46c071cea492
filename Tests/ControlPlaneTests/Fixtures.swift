// swift-format-ignore-file: NeverForceUnwrap
// The names here are literals: one that is not a name is a mistake of the test, and ends it.

import API
import Client
import Engine
import Foundation
import Gates
import IngotModel
import Logging
import Rollout
import Secrets
import Simulation
import Synchronization
import Testing

@testable import ControlPlane

let shop = ServiceName("shop")!
let production = EnvironmentID(text: "shop/production")!
let staging = EnvironmentID(text: "shop/staging")!

func imageDigest(_ number: Int) -> IngotModel.Digest {
    Digest(hex: String(repeating: "0", count: 60) + String(1_000 + number))!
}

/// A folder of a test's own, short enough for a socket in it, removed with the value that holds it.
final class TemporaryFolder: Sendable {
    let path: String
    init() throws {
        path = "/tmp/ingot-cp-\(String(UInt64.random(in: 0 ... .max), radix: 36))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }
}

let quiet: Logger = {
    var logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    logger.logLevel = .critical
    return logger
}()

func runSettings(secrets: [String] = [], configuration: [String] = []) -> RunSettings {
    RunSettings(
        port: 8080,
        readiness: Readiness(path: "/healthz", startInterval: 50, interval: .seconds(1), timeout: .seconds(2), rise: 2, fall: 3),
        stopGrace: .seconds(5), resources: Resources(memory: .mebibytes(64), milliCPU: 500, processes: 64),
        configurationKeys: configuration, secretNames: secrets)
}

func environmentSpecification(
    _ name: String, after: String? = nil, strategy: Strategy = .blueGreen, isProduction: Bool = false, approval: Bool = false,
    configuration: [String: String] = [:], secrets: [String: String] = [:], warm: Milliseconds = .seconds(3),
    promotion: PromotionRules = PromotionRules()
) -> EnvironmentSpecification {
    EnvironmentSpecification(
        name: EnvironmentName(name)!, after: after.flatMap { EnvironmentName($0) }, requiresApproval: approval, isProduction: isProduction,
        instances: 2, host: "\(name).shop.test", configuration: configuration, secretFiles: secrets, strategy: strategy,
        timing: RolloutTiming(soak: .seconds(2), progressDeadline: .seconds(20), drain: .seconds(3), warm: warm), promotion: promotion)
}

func serviceSpecification(
    tests: [String] = [], largest: ByteSize? = nil, run: RunSettings = runSettings(),
    environments: [EnvironmentSpecification] = [environmentSpecification("production")]
) -> ServiceSpecification {
    ServiceSpecification(
        service: shop, image: ImageSource(dockerfile: "Dockerfile", context: "."),
        tests: tests.map { TestSpecification(name: $0, kind: .command(["true"]), deadline: .seconds(10)) },
        gates: GatePolicy(largestSize: largest), run: run, environments: environments)
}

/// Images by number: `1` names the first. Tags are remembered.
struct FakeImages: ImageCatalog {
    final class Tags: Sendable {
        private let images = Mutex<[String: IngotModel.Digest]>([:])
        subscript(name: String) -> IngotModel.Digest? {
            get { images.withLock { $0[name] } }
            set { images.withLock { $0[name] = newValue } }
        }
    }

    var dirty: Set<Int> = []
    var tags = Tags()

    func resolve(_ reference: String) async throws -> IngotModel.Digest? {
        if let digest = Digest(reference) ?? tags[reference] { return digest }
        return Int(reference).map { imageDigest($0) }
    }
    func tag(_ image: IngotModel.Digest, as name: String) async throws { tags[name] = image }
    func facts(of image: IngotModel.Digest) async throws -> ImageFacts? {
        guard let number = Int(image.hex.suffix(4)).map({ $0 - 1_000 }), (1...99).contains(number) else { return nil }
        return ImageFacts(
            digest: image, size: .mebibytes(10), commit: String(repeating: "a", count: 40), isDirty: dirty.contains(number))
    }
    func collectGarbage(pinned: Set<IngotModel.Digest>) async throws -> GarbageReport {
        GarbageReport(removedBlobs: pinned.count, freed: 0)
    }
}

/// What most of these tests don't look at.
extension ImageCatalog {
    func tag(_ image: IngotModel.Digest, as name: String) async throws {}
}

extension ImageGates {
    func signed(about image: IngotModel.Digest, keys: [VerificationKey]) async throws -> SignedEvidence {
        SignedEvidence([], about: image, keys: keys)
    }
}

struct FakeHost: HostFacts {
    var runtime: String { "simulated" }
    var router: String { "simulated" }
    var routerAddress: String { "none" }
    var rootProtection: String { "none" }
    func problems() async -> [String] { [] }
}

struct FakeInstances: InstanceSource {
    let host: SimulatedHost

    func instances() async throws -> [InstanceDetails] {
        try await host.engine.fleets(of: production).flatMap { status in
            status.instances.map { instance in
                InstanceDetails(
                    id: instance.id, environment: production, release: status.fleet.release, image: imageDigest(1), state: "running",
                    startedAt: instance.startedAt, endedAt: nil, ending: nil, address: "\(instance.endpoint)", health: "unknown",
                    requestsInFlight: 0, processID: nil, rootProtection: "none")
            }
        }
    }
    func logs(of environment: EnvironmentID, instance: InstanceID?, tail: Int, follow: Bool) -> AsyncStream<LogLine> {
        AsyncStream { continuation in
            for number in 0..<tail {
                continuation.yield(
                    LogLine(
                        at: Timestamp(secondsSince1970: number), instance: InstanceID(random: 7), stream: .stdout,
                        line: "line \(number)\nof two parts"))
            }
            if !follow { continuation.finish() }
        }
    }
}

/// Starts that come to no end by themselves.
final class EndlessStarts: Sendable {
    private let counts = Mutex((begun: 0, givenUp: 0))
    var begun: Int { counts.withLock { $0.begun } }
    var givenUp: Int { counts.withLock { $0.givenUp } }

    func wait() async throws {
        counts.withLock { $0.begun += 1 }
        defer { counts.withLock { $0.givenUp += 1 } }
        try await Task.sleep(for: .seconds(600))
    }
}

struct FakeThrowaways: ThrowawaySource {
    /// An instance of this image never gets ready.
    static let neverReady = 8
    let endless = EndlessStarts()

    func start(_ specification: ThrowawaySpecification) async throws -> Throwaway {
        if specification.image == imageDigest(Self.neverReady) { try await endless.wait() }
        return Throwaway(id: InstanceID(random: 5), url: "http://127.0.0.1:\(specification.run.port)")
    }
    /// Another service's.
    static let stranger = InstanceID(random: 6)
    func service(of id: InstanceID) async throws -> ServiceName { id == Self.stranger ? ServiceName("till")! : shop }
    func end(_ id: InstanceID) async throws {}
    func ending(of id: InstanceID) async throws -> InstanceEnding? {
        InstanceEnding(words: "exit code 0", wasKilled: false, endedAt: Timestamp(millisecondsSince1970: 0))
    }
    func setFrozen(_ isFrozen: Bool, _ id: InstanceID) async throws {}
    func hindrance(of id: InstanceID) async throws -> String? { "status 503" }
    func writes(of id: InstanceID) async throws -> WriteRecord {
        WriteRecord(paths: [WriteRecord.Path(path: "/tmp/a", place: .writable, kind: .file, bytes: 3, moments: [.start, .service])])
    }
}

extension SecretSources {
    /// Knows files only.
    static var none: SecretSources {
        SecretSources(settings: { nil }, files: CredentialFiles { try PrivateFile.read($0, limit: $1) }, variables: [:])
    }
}

extension WallClock {
    init(_ clock: SimulatedClock) {
        self.init(now: { clock.now }, sleep: { await clock.sleep(until: $0) })
    }
}

/// Waits for a condition while simulated time passes, for a bounded real time.
func eventually(
    _ host: SimulatedHost? = nil, step: Milliseconds = 20, within limit: Duration = .seconds(30), _ what: Comment,
    sourceLocation: Testing.SourceLocation = #_sourceLocation, _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while ContinuousClock.now < deadline {
        if try await condition() { return }
        host?.advance(by: step)
        try await Task.sleep(for: .milliseconds(1))
    }
    Issue.record("did not come about: \(what)", sourceLocation: sourceLocation)
    throw NotComeAbout()
}

struct NotComeAbout: Error {}
