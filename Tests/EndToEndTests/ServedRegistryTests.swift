import Foundation
import Testing

/// Through the command line: what is built is pulled, and what is pushed runs.
@Suite("The registry that the daemon serves")
struct ServedRegistryTests {
    private struct Token: Decodable {
        var name: String
        var secret: String?
    }

    @Test("an image that another machine built is pushed with a token, deployed by its tag, and pulled")
    func pushDeployPull() async throws {
        let workspace = try Workspace()
        defer { workspace.remove() }
        let host = "127.0.0.1:\(try freePort())"
        try await workspace.startDaemon(["--registry", host])
        let token: Token = try await workspace.ingot(
            "registry", "token", "create", "ci", "--repository", "team/*", "--push", "--output", "json"
        ).decoded()
        let secret = try #require(token.secret)

        let other = try Workspace()
        defer { other.remove() }
        let name = "\(host)/team/shop:1.0.0"
        try await expectSuccess(other.ingot("build", "-t", name, "."))
        let refused = try await other.ingot("image", "push", name)
        #expect(refused.exitCode == 2 && refused.standardError.contains("login"), "\(refused.standardError)")
        let entry = Data("any:\(secret)".utf8).base64EncodedString()
        try Data(#"{"auths":{"\#(host)":{"auth":"\#(entry)"}}}"#.utf8).write(to: other.folder.appendingPathComponent("config.json"))
        let login = ["DOCKER_CONFIG": other.folder.path]
        try await expectSuccess(other.ingot(["image", "push", name], variables: login))

        try await expectSuccess(workspace.ingot("deploy", "production", "team/shop:1.0.0"))
        let answer = try await workspace.run("/usr/bin/curl", ["-sf", "-H", "Host: \(workspace.host)", "http://127.0.0.1:\(workspace.port)/"])
        #expect(answer.standardOutput == "version 1\n")

        // A version never moves, whoever has another image of that name.
        let third = try Workspace()
        defer { third.remove() }
        try third.commit(version: 2)
        try await expectSuccess(third.ingot("build", "-t", name, "."))
        let moved = try await third.ingot(["image", "push", name], variables: login)
        #expect(moved.exitCode != 0 && moved.standardError.contains("never becomes another image"), "\(moved.standardError)")

        // What runs survives a collection, and what was pushed is pulled.
        try await expectSuccess(workspace.ingot("image", "prune"))
        try await expectSuccess(other.ingot(["image", "pull", name, "--tag", "again"], variables: login))
        try await expectSuccess(workspace.ingot("registry", "token", "revoke", "ci"))
        #expect(try await other.ingot(["image", "pull", name], variables: login).exitCode == 2)

        let tokens: [Token] = try await workspace.ingot("registry", "token", "list", "--output", "json").decoded()
        #expect(tokens.isEmpty)
        let log = try String(contentsOf: workspace.daemonLog, encoding: .utf8)
        #expect(!log.contains(secret), "a token stands in the daemon's log")
    }
}
