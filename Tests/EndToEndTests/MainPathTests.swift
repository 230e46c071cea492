import Foundation
import Testing

/// From a commit to traffic, with the commands that a user types, on the real parts.
@Suite("The main path", .serialized)
struct MainPathTests {
    @Test("a commit is built, deployed, replaced under load, and rolled back, with no request lost")
    func deployReplaceRollBack() async throws {
        let workspace = try Workspace()
        defer { workspace.remove() }
        try await workspace.startDaemon()
        let first = try await workspace.build()
        try await expectSuccess(workspace.ingot("deploy", "production", first))
        let load = Load(port: workspace.port, host: workspace.host)
        try await eventually("version 1 answers") { load.soFar.bodies["version 1\n", default: 0] > 50 }

        try workspace.commit(version: 2)
        let second = try await workspace.build()
        #expect(second != first)
        try await expectSuccess(workspace.ingot("deploy", "production", second))
        try await eventually("version 2 answers") { load.soFar.bodies["version 2\n", default: 0] > 50 }

        try await expectSuccess(workspace.ingot("rollback", "production"))
        let before = load.soFar.bodies["version 1\n", default: 0]
        try await eventually("version 1 answers again") { load.soFar.bodies["version 1\n", default: 0] > before + 50 }

        let count = await load.end()
        #expect(count.failures.isEmpty, "\(count.failures.prefix(5))")
        let records: [Rollout] = try await workspace.ingot("history", "production", "--output", "json").decoded()
        #expect(records.map(\.result) == ["succeeded", "succeeded", "succeeded"])
        #expect(records.flatMap(\.proof.releases).allSatisfy { $0.served.serverErrors + $0.served.unanswered + $0.served.cut == 0 })
        #expect(try await workspace.ingot("events", "--verify").exitCode == 0)
    }

    @Test("the daemon and the router come before the instances for a processor")
    func priorities() async throws {
        let workspace = try Workspace()
        defer { workspace.remove() }
        try await workspace.startDaemon()
        try await expectSuccess(workspace.ingot("deploy", "production", workspace.build()))
        let nice = workspace.niceValues()
        #expect(nice["ingot"] == [-10])
        #expect(nice["haproxy"] == [-10])
        #expect(nice["ingot-superviso"] == [0])
        #expect(nice["busybox"] == [0], "\(nice)")
    }

    @Test("a release that never gets ready is taken back by itself, and the old one goes on serving")
    func neverReady() async throws {
        let workspace = try Workspace()
        defer { workspace.remove() }
        try await workspace.startDaemon()
        try await expectSuccess(workspace.ingot("deploy", "production", workspace.build()))
        let load = Load(port: workspace.port, host: workspace.host)

        try workspace.write("ingot.yaml", Workspace.manifest(readiness: "/missing", timing: "soak: 0s, progress-deadline: 2s"))
        try workspace.commit(version: 2)
        let output = try await workspace.ingot("deploy", "production", workspace.build())
        #expect(output.exitCode == 1)
        #expect((output.standardOutput + output.standardError).contains("healthy"), "it must say why")

        let count = await load.end()
        #expect(count.failures.isEmpty, "\(count.failures.prefix(5))")
        #expect(count.bodies.keys.sorted() == ["version 1\n"])
    }

    @Test("an image of two hundred layers is built, and its instances serve")
    func manyLayers() async throws {
        let workspace = try Workspace()
        defer { workspace.remove() }
        try await workspace.startDaemon()
        let copies = (0..<190).map { "COPY ingot.yaml /copied/\($0)" }
        let runs = (0..<10).map { #"RUN ["/bin/busybox", "touch", "/www/run-\#($0)"]"# }
        let lines = ["FROM scratch", "COPY --chmod=755 busybox /bin/busybox", "COPY www /www"] + copies + runs
        let end = ["USER 1000:1000", #"ENTRYPOINT ["/bin/busybox", "httpd", "-f", "-p", "8080", "-h", "/www"]"#]
        try workspace.write("Dockerfile", (lines + end).joined(separator: "\n"))
        try workspace.commit(version: 2)
        try await expectSuccess(workspace.ingot("deploy", "production", workspace.build()))
        let load = Load(port: workspace.port, host: workspace.host)
        try await eventually("version 2 answers") { load.soFar.bodies["version 2\n", default: 0] > 10 }
        #expect(await load.end().failures.isEmpty)
    }

    @Test("a service that dies at once is taken back, with what it said last")
    func diesAtOnce() async throws {
        let workspace = try Workspace()
        defer { workspace.remove() }
        try await workspace.startDaemon()
        try await expectSuccess(workspace.ingot("deploy", "production", workspace.build()))
        try workspace.write(
            "Dockerfile",
            """
            FROM scratch
            COPY --chmod=755 busybox /bin/busybox
            USER 1000:1000
            ENTRYPOINT ["/bin/busybox", "sh", "-c", "echo no database; exit 7"]
            """)
        try workspace.commit(version: 2)
        let output = try await workspace.ingot("deploy", "production", workspace.build())
        #expect(output.exitCode == 1)
        let said = output.standardOutput + output.standardError
        #expect(said.contains("exit code 7") && said.contains("no database"), "\(said)")
    }

    /// What is read of a record; the whole type is `API.RolloutRecord`.
    struct Rollout: Decodable {
        struct Proof: Decodable { var releases: [Traffic] }
        struct Traffic: Decodable { var served: Served }
        struct Served: Decodable { var serverErrors, unanswered, cut: Int }
        var result: String
        var proof: Proof
    }
}

func expectSuccess(_ output: Workspace.Output, sourceLocation: SourceLocation = #_sourceLocation) throws {
    try #require(output.exitCode == 0, "\(output.standardOutput)\n\(output.standardError)", sourceLocation: sourceLocation)
}
