import Foundation
import Glibc
import SystemPackage
import Testing

/// Runs programs with a folder of their own.
struct Tool: Sendable {
    let folder: FilePath
    var environment: [String: String] = [:]

    @discardableResult
    func callAsFunction(_ program: String, _ arguments: String...) async throws -> String { try await run(program, arguments) }

    /// Returns what it wrote; throws when it fails.
    @discardableResult
    func run(_ program: String, _ arguments: [String]) async throws -> String {
        let (code, output) = try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try runToEnd(program, arguments) }) }
        }
        guard code == 0 else { throw Failure(description: "\(program) \(arguments.first ?? ""): \(code): \(output)") }
        return output
    }

    struct Failure: Error, CustomStringConvertible { var description: String }

    private func runToEnd(_ program: String, _ arguments: [String]) throws -> (Int32, String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(["HOME": folder.string, "TMPDIR": "/tmp"]) { $1 }.merging(environment) {
            $1
        }
        let pipe = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}

/// A Docker engine of the test's own; its containerd is there for `ctr`.
struct DockerEngine: Sendable {
    private let tool: Tool
    var containerd: String { "\(tool.folder)/docker-exec/containerd/containerd.sock" }

    static func with(_ tool: Tool, _ body: (DockerEngine) async throws -> Void) async throws {
        let socket = "unix://\(tool.folder)/docker.sock"
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/sbin/dockerd")
        // No bridge and no rules of a firewall: the machine's network stays as it is.
        process.arguments = [
            "--host", socket, "--data-root", "\(tool.folder)/docker-data", "--exec-root", "\(tool.folder)/docker-exec", "--pidfile",
            "\(tool.folder)/docker.pid", "--bridge", "none", "--iptables=false", "--ip6tables=false", "--storage-driver", "vfs",
        ]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        defer {
            process.terminate()
            process.waitUntilExit()
        }
        var tool = tool
        tool.environment = ["DOCKER_HOST": socket, "DOCKER_CONFIG": "\(tool.folder)/docker-config"]
        let docker = DockerEngine(tool: tool)
        let answers = try await eventually { (try? await docker("info")) != nil }
        try #require(answers && process.isRunning, "dockerd does not answer")
        try await body(docker)
    }

    @discardableResult
    func callAsFunction(_ arguments: String...) async throws -> String { try await tool.run("docker", arguments) }
}
