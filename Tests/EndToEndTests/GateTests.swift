import Foundation
import Testing

/// What the gates stop and let through, with the commands that a user types.
@Suite("Gates, from the image to the deployment", .serialized)
struct GateTests {
    private static let advisory = """
        {"id":"CVE-2026-0001","modified":"MODIFIED","summary":"template injection","database_specific":{"severity":"HIGH"},\
        "affected":[{"package":{"ecosystem":"PyPI","name":"jinja2"},\
        "ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"3.1.3"}]}]}]}
        """
    private static let service = """
        FROM scratch
        COPY --chmod=755 busybox /bin/busybox
        COPY www /www
        COPY requirements.txt /app/
        """
    private static let end = """
        USER 1000:1000
        ENTRYPOINT ["/bin/busybox", "httpd", "-f", "-p", "8080", "-h", "/www"]
        """

    private func workspace() throws -> Workspace {
        let workspace = try Workspace()
        try workspace.write("ingot.yaml", Workspace.manifest() + "\ngates: { vulnerabilities: { fail-at: high } }\n")
        try workspace.write("Dockerfile", "\(Self.service)\n\(Self.end)\n")
        try workspace.write("requirements.txt", "jinja2==3.1.2\n")
        let today = Date().formatted(.iso8601)
        try workspace.write("../osv/CVE-2026-0001.json", Self.advisory.replacingOccurrences(of: "MODIFIED", with: today))
        return workspace
    }

    @Test("a vulnerable image is stopped and said why; the mended one runs, and its evidence stays with it; its bill lies beside it")
    func vulnerable() async throws {
        let workspace = try workspace()
        defer { workspace.remove() }
        try await workspace.startDaemon()
        try workspace.commit(version: 1)
        let bad = try await workspace.build()
        let blind = try await workspace.ingot("deploy", "production", bad)
        #expect(blind.exitCode == 3 && blind.standardError.contains("there are no advisories"), "\(blind.standardError)")

        try await expectSuccess(workspace.ingot("advisories", "import", "osv", "../osv"))
        let stopped = try await workspace.ingot("deploy", "production", bad)
        #expect(stopped.exitCode == 3)
        #expect(
            stopped.standardError.contains(
                "because: jinja2 3.1.2 in /app/requirements.txt (a lock file) is vulnerable: CVE-2026-0001 (high, mended in 3.1.3)"),
            "\(stopped.standardError)")
        #expect(stopped.standardError.contains("to do: upgrade jinja2 3.1.2 to 3.1.3: raise it in the lock file, and rebuild"))
        let scan = try await workspace.ingot("scan", bad)
        #expect(scan.exitCode == 3 && scan.standardOutput.contains("CVE-2026-0001"), "\(scan.standardOutput)")

        try workspace.write("requirements.txt", "jinja2==3.1.3\n")
        try workspace.commit(version: 2)
        let good = try await workspace.build()
        try await expectSuccess(workspace.ingot("scan", good))
        try await expectSuccess(workspace.ingot("deploy", "production", good))
        let release = try await workspace.ingot("release", "show", "production").standardOutput
        #expect(release.contains("vulnerabilities  passes   none that fails in 1 package"), "\(release)")
        let image = try await workspace.ingot("image", "show", good).standardOutput
        #expect(image.contains("on record for shop"), "\(image)")
        #expect(try await workspace.ingot("events").standardOutput.contains("image.vulnerable"))
        let referrers = workspace.root.appendingPathComponent("store/referrers/\(good.dropFirst("sha256:".count))")
        #expect(try FileManager.default.contentsOfDirectory(atPath: referrers.path).count >= 1)
    }

    @Test("a secret in a deleted layer stops an image, with where it is, what to do, and not the secret")
    func secret() async throws {
        let workspace = try workspace()
        defer { workspace.remove() }
        try await workspace.startDaemon()
        // Made here: what looks like a secret has no place in a repository.
        let token = "ghp_" + String((0..<36).map { _ in Array("abcdefghijkmnpqrstuvwxyzABCDEFGHJK23456789").randomElement() ?? "a" })
        try workspace.write("ingot.yaml", Workspace.manifest())
        try workspace.write("token", "\(token)\n")
        let steps = "COPY token /tmp/token\nRUN [\"/bin/busybox\", \"rm\", \"/tmp/token\"]"
        try workspace.write("Dockerfile", "\(Self.service)\n\(steps)\n\(Self.end)\n")
        try workspace.commit(version: 1)
        let bad = try await workspace.build()
        let stopped = try await workspace.ingot("deploy", "production", bad)
        #expect(stopped.exitCode == 3)
        #expect(stopped.standardError.contains("(github-token) in /tmp/token in layer"), "\(stopped.standardError)")
        #expect(stopped.standardError.contains("but it is still in the image: anyone who pulls it can read it"))
        #expect(stopped.standardError.contains("to do: revoke it and make a new one"))
        #expect(!stopped.standardError.contains(token.dropFirst(8)))

        try workspace.write("Dockerfile", "\(Self.service)\n\(Self.end)\n")
        try workspace.commit(version: 2)
        let deployed = try await workspace.ingot("deploy", "production", try await workspace.build())
        #expect(deployed.exitCode == 0, "\(deployed.standardError)")
        #expect(try await workspace.ingot("status").standardOutput.contains("no vulnerability gate is set"))
    }
}
