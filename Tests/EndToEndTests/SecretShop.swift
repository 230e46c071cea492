import Foundation
import NIOHTTP1
import Testing

/// The shop, which answers with its secret at `/password`: a page no real service should have.
struct SecretShop {
    let workspace: Workspace
    let planted = (0..<6).map { _ in "planted-\(UUID().uuidString)" }
    private var sources: URL { workspace.root.appendingPathComponent("secret-sources.yaml") }

    init(secrets: [String: String]) throws {
        workspace = try Workspace()
        try FileManager.default.createDirectory(at: workspace.root, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o711])
        let link = workspace.repository.appendingPathComponent("www/password")
        try FileManager.default.createSymbolicLink(atPath: link.path, withDestinationPath: "/run/secrets/PASSWORD")
        try workspace.write(
            "ingot.yaml",
            """
            service: shop
            image: { dockerfile: Dockerfile }
            run:
              port: 8080
              readiness: { path: /healthz }
              stop: { grace: 5s }
              resources: { memory: 64MiB, cpu: 0.5 }
              secrets: [\(secrets.keys.sorted().joined(separator: ", "))]
            environments:
              production:
                instances: 2
                soak: 0s
                warm: 0s
                secrets-refresh: 1s
                secrets: { \(secrets.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ")) }
            """)
        try workspace.commit(version: 1)
    }

    func writeSources(_ text: String) throws {
        try Data(text.utf8).write(to: sources, options: .atomic)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: sources.path)
    }

    func writeVault(_ address: String, token: String) throws {
        let file = workspace.folder.appendingPathComponent("token")
        try Data("\(token)\n".utf8).write(to: file)
        try writeSources("sources: { vault: { kind: vault, address: '\(address)', token-file: \(file.path) } }")
    }

    func password() async throws -> String {
        try await SecretServers.send(.GET, "http://127.0.0.1:\(workspace.port)/password", headers: [("Host", workspace.host)]).body
    }

    func problems() async throws -> [String] {
        struct Status: Decodable { var problems: [String] }
        return try await workspace.ingot("status", "production", "--output", "json").decoded(as: Status.self).problems
    }

    func alarm(_ words: String) async throws {
        try await eventually("an alarm says '\(words)'", log: workspace.daemonLog) {
            try await problems().contains { $0.hasPrefix("secrets of production") && $0.contains(words) }
        }
    }

    func calm() async throws {
        try await eventually("the alarm is over", log: workspace.daemonLog) { try await problems().isEmpty }
    }

    func answers(_ value: String) async throws {
        try await eventually("the instances have the new value", log: workspace.daemonLog) { try await password() == value }
    }

    func releases() async throws -> [Release] { try await workspace.ingot("release", "list", "production", "--output", "json").decoded() }

    struct Release: Decodable {
        var number: Int
        var image: String
    }

    /// Nothing planted is anywhere but where instances are given it.
    func expectHidden() async throws {
        let values = PlantedValues(planted)
        let root = workspace.root
        try values.areHidden(
            below: workspace.folder, but: [root.appendingPathComponent("secrets"), root.appendingPathComponent("engine/secrets")])
        try values.areHiddenInProcesses()
        for arguments in [
            ["events"], ["events", "--output", "json"], ["status"], ["status", "production", "--output", "json"],
            ["secret", "list", "production"],
            ["secret", "list", "production", "--output", "json"], ["release", "list", "production", "--output", "json"], ["logs", "production"],
            ["history", "production", "--output", "json"], ["secret", "refresh", "production"],
        ] {
            let output = try await workspace.ingot(arguments)
            values.isHidden(in: output.standardOutput + output.standardError, arguments.joined(separator: " "))
        }
        let socket = root.appendingPathComponent("ingot.sock").path
        for path in ["metrics", "v1/services/shop/specification", "v1/services/shop/environments/production/secrets", "v1/events?limit=1000"] {
            let output = try await workspace.run("/usr/bin/curl", ["--silent", "--fail", "--unix-socket", socket, "http://ingot/\(path)"])
            try expectSuccess(output)
            values.isHidden(in: output.standardOutput, path)
        }
    }
}
