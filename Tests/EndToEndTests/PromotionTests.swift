import Foundation
import Testing

/// Promotion through the command line, on real parts: keys, approvals of a second person, tags, and what happens to what runs.
@Suite("Promotion") struct PromotionTests {
    private static let password = ["INGOT_KEY_PASSWORD": "correct horse"]

    private struct Standing: Decodable {
        struct Objection: Decodable { var message: String }
        var gate: String
        var objections: [Objection]
    }
    private struct Report: Decodable {
        var mayRun: Bool
        var gates: [Standing]
    }
    private struct Instances: Decodable { var state: String }

    /// As another person of this machine, whom the kernel names to the daemon.
    private static func asNobody(_ workspace: Workspace, _ arguments: String...) async throws -> Workspace.Output {
        try await workspace.run(
            "/usr/bin/setpriv", ["--reuid=65534", "--regid=0", "--clear-groups", Workspace.executable("ingot")] + arguments)
    }

    private static func closed(_ output: Workspace.Output) throws -> [String] {
        try output.decoded(as: Report.self).gates.filter { !$0.objections.isEmpty }.map(\.gate)
    }

    @Test("a signed image is approved by a second person, promoted, deployed; without its signature what runs goes on, and nothing else starts")
    func wholeWay() async throws {
        let workspace = try Workspace()
        defer { workspace.remove() }
        try await workspace.startDaemon()
        try expectSuccess(await workspace.ingot(["key", "create", "release"], variables: Self.password))
        let key = try await workspace.ingot("key", "show", "release")
        try workspace.write("release.pub", key.standardOutput)
        let manifest = Workspace.manifest(instances: 1).replacingOccurrences(
            of: "production: {", with: "production: { approval: required, signatures: { keys: [release.pub] },")
        try workspace.write("ingot.yaml", manifest)
        try workspace.commit(version: 2)
        let image = String(try await workspace.build().dropFirst("sha256:".count).prefix(12))

        let refused = try await workspace.ingot("deploy", "production", image)
        #expect(refused.exitCode == 3)
        #expect(
            refused.standardError.contains("release.pub has not signed it as 'signature'") && refused.standardError.contains("nobody has approved it")
        )
        let why = try await workspace.ingot("why", image, "production", "--output", "json")
        #expect(why.exitCode == 3)
        #expect(try Self.closed(why) == ["signatures", "approval"])

        try expectSuccess(await workspace.ingot(["sign", image, "--key", "release"], variables: Self.password))
        try expectSuccess(await workspace.ingot("approve", image, "production"))
        #expect(try await workspace.ingot("deploy", "production", image).exitCode == 3, "one's own approval does not count")
        try expectSuccess(await workspace.ingot("access", "grant", "user:nobody", "approver", "--service", "shop"))
        let approved = try await Self.asNobody(workspace, "approve", image, "shop/production", "--reason", "looked at it")
        try expectSuccess(approved)
        #expect(approved.standardOutput.contains("user:nobody approved image \(image)"))
        try expectSuccess(await workspace.ingot("promote", image, "production"))
        #expect(try await workspace.ingot("image", "tag", image, "shop:production").exitCode == 3)
        try expectSuccess(await workspace.ingot("deploy", "production", "production"))
        let shown = try await workspace.ingot("release", "show", "production")
        #expect(shown.standardOutput.contains("user:nobody") && shown.standardOutput.contains("signed as 'signature'"))

        let referrers = workspace.root.appendingPathComponent("store/referrers")
        try FileManager.default.moveItem(at: referrers, to: workspace.folder.appendingPathComponent("taken"))
        try expectSuccess(await workspace.ingot("scale", "production", "2"))
        try await eventually("the refusal is told", log: workspace.daemonLog) {
            try await workspace.ingot("status", "--explain").standardOutput.contains("no trusted key has signed")
        }
        #expect(try await workspace.ingot("events").standardOutput.contains("start.refused"))
        let instances = try await workspace.ingot("instance", "list", "--output", "json").decoded(as: [Instances].self)
        #expect(instances.filter { $0.state == "running" }.count == 1)
        let page = try await workspace.run("/usr/bin/curl", ["-s", "-H", "Host: \(workspace.host)", "http://127.0.0.1:\(workspace.port)/"])
        #expect(page.standardOutput == "version 2\n")

        try? FileManager.default.removeItem(at: referrers)
        try FileManager.default.moveItem(at: workspace.folder.appendingPathComponent("taken"), to: referrers)
        try await eventually("the second instance starts once it is signed again", log: workspace.daemonLog) {
            let instances = try await workspace.ingot("instance", "list", "--output", "json").decoded(as: [Instances].self)
            return instances.filter { $0.state == "running" }.count == 2
        }
    }

    @Test("a commit, a build number and a version are tags of their image; a version stays, and `latest` is refused")
    func tags() async throws {
        let workspace = try Workspace()
        defer { workspace.remove() }
        try expectSuccess(await workspace.run("/usr/bin/git", ["tag", "v1.3.0"]))
        let first = try await workspace.ingot("build", "--build-number", "42", "--output", "json")
        try expectSuccess(first)
        struct Built: Decodable {
            var image: String
            var tags: [String]
            var commit: String
        }
        let built = try first.decoded(as: Built.self)
        #expect(built.tags == ["shop", "shop:\(built.commit.prefix(12))", "shop:build-42", "shop:1.3.0"])
        try workspace.commit(version: 2)
        let taken = try await workspace.ingot("build", "--image-version", "1.3.0")
        #expect(taken.exitCode == 3)
        #expect(taken.standardError.contains("a version never becomes another image"))
        try expectSuccess(await workspace.ingot("build", "--image-version", "1.4.0"))
        #expect(try await workspace.ingot("image", "tag", "shop:1.4.0", "shop:1.3.0").exitCode == 3)
        for arguments in [
            ["image", "tag", "shop", "shop:latest"], ["build", "-t", "shop:latest", "."], ["image", "push", "shop", "localhost:1/shop"],
        ] {
            let refused = try await workspace.ingot(arguments)
            #expect(refused.exitCode == 3, "\(arguments): \(refused.standardError)")
            #expect(refused.standardError.contains("what 'latest' means changes"))
        }
    }

    @Test("a frozen environment takes nothing new, and `ingot thaw` opens it")
    func freeze() async throws {
        let workspace = try Workspace()
        defer { workspace.remove() }
        try await workspace.startDaemon()
        try expectSuccess(await workspace.ingot("up"))
        let frozen = try await workspace.ingot("freeze", "production", "--reason", "the big day", "--until", "2h")
        #expect(frozen.standardOutput.contains("shop/production is frozen until"))
        try workspace.commit(version: 2)
        let refused = try await workspace.ingot("up")
        #expect(refused.exitCode == 3 && refused.standardError.contains("the big day"))
        let why = try await workspace.ingot("why", "shop", "production", "--output", "json")
        #expect(try why.exitCode == 3 && Self.closed(why) == ["freeze"])
        try expectSuccess(await workspace.ingot("thaw", "production"))
        try expectSuccess(await workspace.ingot("up"))
    }
}
