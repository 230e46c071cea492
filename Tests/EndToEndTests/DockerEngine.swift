import Foundation
import Testing

/// A Docker engine of the test's own: its socket, images and state are below the test's folder, and go with it.
final class DockerEngine: Sendable {
    private let workspace: Workspace
    private let process: Process
    private static let client = "/usr/bin/docker"
    private static let engine = "/usr/sbin/dockerd"

    /// `nil` where docker.io is not installed.
    static func started(in workspace: Workspace) async throws -> DockerEngine? {
        guard [client, engine].allSatisfy({ FileManager.default.isExecutableFile(atPath: $0) }) else { return nil }
        let docker = try DockerEngine(workspace)
        do {
            try await eventually("docker answers", log: docker.log) { try await docker("info").exitCode == 0 }
            return docker
        } catch {
            docker.end()
            throw error
        }
    }

    private var folder: URL { workspace.folder.appendingPathComponent("docker") }
    private var log: URL { folder.appendingPathComponent("log") }
    private var socket: String { "unix://\(folder.path)/socket" }

    private init(_ workspace: Workspace) throws {
        self.workspace = workspace
        let folder = workspace.folder.appendingPathComponent("docker")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let log = folder.appendingPathComponent("log")
        try Data().write(to: log)
        process = Process()
        process.executableURL = URL(fileURLWithPath: Self.engine)
        // No bridge and no rules of a firewall: the machine's network stays as it is.
        process.arguments = [
            "--host", "unix://\(folder.path)/socket", "--data-root", "\(folder.path)/data", "--exec-root", "\(folder.path)/exec",
            "--pidfile", "\(folder.path)/pid", "--bridge", "none", "--iptables=false", "--ip6tables=false",
        ]
        let handle = try FileHandle(forWritingTo: log)
        process.standardOutput = handle
        process.standardError = handle
        process.standardInput = FileHandle.nullDevice
        try process.run()
    }

    func end() {
        process.terminate()
        process.waitUntilExit()
    }

    @discardableResult
    func callAsFunction(_ arguments: String...) async throws -> Workspace.Output { try await run(arguments) }

    private func run(_ arguments: [String]) async throws -> Workspace.Output {
        try await workspace.run(
            "/usr/bin/env", ["DOCKER_HOST=\(socket)", "DOCKER_BUILDKIT=1", "DOCKER_CONFIG=\(folder.path)", Self.client] + arguments)
    }

    // MARK: What it holds

    /// A line for each file with its type, permissions, owner and size, and one for the content of each outside of `usr/lib`
    /// and `usr/bin`, which no example touches.
    ///
    /// Left out: what the engine itself mounts into containers, and what Python compiles, which holds times.
    func files(of image: String) async throws -> [String] {
        let name = "ingot-\(UUID().uuidString.prefix(8))"
        try await expectSuccess(run(["create", "--name", name, image]))
        let script = """
            set -e
            mkdir "$1"; cd "$1"
            "$0" export "$2" -o root.tar
            tar -tvf root.tar --numeric-owner | sed -E 's/ [0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2} / /'
            mkdir root
            tar -C root -xf root.tar --numeric-owner --exclude='usr/lib/*' --exclude='usr/bin/*' --exclude='usr/share/perl*' --exclude='dev/*'
            cd root
            find . -type f -print0 | sort -z | xargs -0 sha256sum
            """
        let place = folder.appendingPathComponent(name).path
        defer { try? FileManager.default.removeItem(atPath: place) }
        let output = try await workspace.run(
            "/usr/bin/env", ["DOCKER_HOST=\(socket)", "DOCKER_CONFIG=\(folder.path)", "/bin/sh", "-c", script, Self.client, place, name])
        try await expectSuccess(run(["rm", "--force", name]))
        try #require(output.exitCode == 0, "\(output.standardError)")
        return output.standardOutput.split(separator: "\n").map(Self.normalized).filter { !Self.isNoise($0) }
    }

    /// The columns of tar's list are as wide as what stands in them.
    private static func normalized(_ line: Substring) -> String { line.split(separator: " ").joined(separator: " ") }
    private static func isNoise(_ line: String) -> Bool { line.hasSuffix(".pyc") || line.hasSuffix(".dockerenv") }

    /// What a container is started with. Docker's own field `ArgsEscaped` is about Windows; labels of ours are left out.
    func configuration(of image: String) async throws -> NSDictionary {
        let output = try await run(["inspect", "--format", "{{json .Config}}", image])
        try #require(output.exitCode == 0, "\(output.standardError)")
        var document = try #require(try JSONSerialization.jsonObject(with: Data(output.standardOutput.utf8)) as? [String: Any])
        document["ArgsEscaped"] = nil
        let labels = document["Labels"] as? [String: String] ?? [:]
        document["Labels"] = labels.filter { !$0.key.hasPrefix("org.opencontainers.image.") && !$0.key.hasPrefix("dev.ingot.") }
        return document as NSDictionary
    }
}
