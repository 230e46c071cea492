import Foundation
import Synchronization
import Testing

/// The service of Tests/Services/steady under a daemon of its own, and what the router has counted of it.
final class LoadedService: Sendable {
    let workspace: Workspace
    private let version = Mutex(0)

    /// - Parameter strategy: as `ingot.yaml` writes it.
    init(strategy: String, instances: Int = 2) async throws {
        workspace = try Workspace()
        try await compile()
        let folder = Self.source
        try workspace.write("Dockerfile", String(contentsOf: folder.appendingPathComponent("Dockerfile"), encoding: .utf8))
        try workspace.write("ingot.yaml", Self.manifest(strategy, instances))
    }

    func remove() { workspace.remove() }

    private static var source: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../Services/steady").standardized
    }

    private func compile() async throws {
        let (source, program) = (Self.source.appendingPathComponent("steady.c").path, workspace.repository.appendingPathComponent("steady").path)
        try await expectSuccess(workspace.run("/usr/bin/env", ["cc", "-O2", "-static", "-pthread", "-o", program, source]))
    }

    /// The slowest requests take 5 s, so their drain is longer, and that of streams is another.
    private static func manifest(_ strategy: String, _ instances: Int) -> String {
        """
        service: shop
        image: { dockerfile: Dockerfile }
        run:
          port: 8080
          readiness: { path: /healthz }
          stop: { grace: 5s }
          resources: { memory: 256MiB, cpu: 2 }
        environments:
          production:
            instances: \(instances)
            soak: 300ms
            drain: 9s
            stream-drain: \(streamDrainSeconds)s
            warm: 0s
            strategy: \(strategy)
        """
    }

    static let streamDrainSeconds = 6

    /// Commits and builds the next version, and gives its image.
    func buildNext() async throws -> (version: String, image: String) {
        let number = version.withLock { version in
            version += 1
            return version
        }
        try workspace.commit(version: number)
        return ("version \(number)\n", try await workspace.build())
    }

    // MARK: What is asked by the command line

    struct Status: Decodable {
        struct Rollout: Decodable { var release: Int }
        struct Release: Decodable { var number: Int }
        struct Fleet: Decodable { var release: Int }
        var serving: Release?
        var rollout: Rollout?
        var fleets: [Fleet]
    }

    func status() async throws -> Status {
        struct Service: Decodable { var environments: [Status] }
        let output = try await workspace.ingot("status", "--output", "json")
        try expectSuccess(output)
        let services: [Service] = try output.decoded()
        return try #require(services.first?.environments.first)
    }

    struct Instance: Decodable {
        var id: String
        var release: Int
        var state: String
        var processID: Int32?
    }

    func instances() async throws -> [Instance] { try await workspace.ingot("instance", "list", "--output", "json").decoded() }

    /// Waits until nothing moves, and only the release that serves has instances.
    func settle() async throws {
        try await eventually("the rollout to be over and the other release to be gone", log: workspace.daemonLog) {
            guard let status = try? await self.status() else { return false }
            return status.rollout == nil && status.fleets.map(\.release) == [status.serving?.number]
        }
    }

    struct Record: Decodable {
        struct Proof: Decodable { var releases: [Traffic] }
        struct Traffic: Decodable { var served: Served }
        struct Served: Decodable { var serverErrors, unanswered, cut, retried, streamsClosed: Int }
        var number: Int
        var result: String
        var release: Int
        var proof: Proof
        var failed: Int { proof.releases.reduce(0) { $0 + $1.served.serverErrors + $1.served.unanswered + $1.served.cut } }
    }

    /// The newest first.
    func history() async throws -> [Record] { try await workspace.ingot("history", "production", "--output", "json").decoded() }

    // MARK: What the router has counted

    func routerCount() async throws -> RouterCount {
        let socket = workspace.root.appendingPathComponent("ingot.sock").path
        let output = try await workspace.run(
            "/usr/bin/curl", ["--silent", "--show-error", "--fail", "--unix-socket", socket, "http://ingot/metrics"])
        try expectSuccess(output)
        return RouterCount(output.standardOutput)
    }

    /// HAProxy's process, as the router has noted it.
    func proxyProcess() throws -> Int32 {
        struct Noted: Decodable { var pid: Int32 }
        let file = workspace.root.appendingPathComponent("router/process.json")
        return try JSONDecoder().decode(Noted.self, from: Data(contentsOf: file)).pid
    }
}

/// All releases together, since the router first knew them.
struct RouterCount: Equatable {
    var successful = 0
    var switched = 0
    var failed = 0
    var retried = 0
    var streamsClosed = 0

    init(_ metrics: String) {
        for line in metrics.split(separator: "\n") where line.hasPrefix("ingot_") {
            guard let value = line.split(separator: " ").last.flatMap({ Int($0) }) else { continue }
            if line.hasPrefix("ingot_requests_retried_total") { retried += value }
            if line.hasPrefix("ingot_streams_closed_total") { streamsClosed += value }
            guard line.hasPrefix("ingot_requests_total") else { continue }
            if line.contains("class=\"2xx\"") { successful += value }
            if line.contains("class=\"1xx\"") { switched += value }
            if ["5xx", "unanswered", "cut"].contains(where: { line.contains("class=\"\($0)\"") }) { failed += value }
        }
    }

    static func - (left: Self, right: Self) -> Self {
        var difference = left
        for count in [\Self.successful, \.switched, \.failed, \.retried, \.streamsClosed] as [WritableKeyPath<Self, Int>] {
            difference[keyPath: count] -= right[keyPath: count]
        }
        return difference
    }
}
