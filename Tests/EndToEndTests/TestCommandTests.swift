import Foundation
import Testing

/// `ingot test` on the real parts.
@Suite("Testing an image", .serialized)
struct TestCommandTests {
    /// The service with an entrypoint that ends as it should, and a script that asks what it is told to from inside.
    private static let dockerfile = """
        FROM scratch
        COPY --chmod=755 busybox /bin/busybox
        RUN ["/bin/busybox", "--install", "-s", "/bin"]
        COPY www /www
        COPY --chmod=755 start.sh /start.sh
        USER 1000:1000
        ENTRYPOINT ["/start.sh"]
        """
    private static let start = """
        #!/bin/sh
        httpd -f -p 8080 -h /www &
        trap "kill $!; sleep 1; exit 0" TERM
        wait
        """
    private static let ask = """
        #!/bin/sh
        echo Content-Type: text/plain; echo
        sh -c "$(httpd -d "$QUERY_STRING")" 2>&1
        """
    private static let smoke = """
        #!/bin/sh
        set -e
        curl -fsS --max-time 5 "$INGOT_URL/healthz"
        curl -fsS --max-time 5 "$INGOT_URL/cgi-bin/ask?wget+-qO-+http://redis:8080/healthz" | grep ready
        curl -fsS --max-time 5 "http://$INGOT_REDIS_ADDRESS/healthz" >/dev/null
        curl -fsS --max-time 5 "$INGOT_URL/cgi-bin/ask?echo+x+%3E/tmp/seen" >/dev/null
        echo "<testsuite><testcase name='one'/></testsuite>" > junit.xml
        """

    /// Ends the instance and looks on until it answers no more. What became of it is known a little later: the deadline ends the command.
    private static let killer =
        #"curl -s "$INGOT_URL/cgi-bin/ask?kill+1"; while curl -s --max-time 1 -o /dev/null "$INGOT_URL/healthz"; do :; done; exec sleep 600"#

    private func workspace(_ tests: [String], readiness: String = "{ path: /healthz, timeout: 500ms }") async throws -> (Workspace, image: String) {
        let workspace = try Workspace()
        do {
            try workspace.write("Dockerfile", Self.dockerfile)
            try workspace.write("start.sh", Self.start)
            for (name, text) in [("www/cgi-bin/ask", Self.ask), ("smoke.sh", Self.smoke)] {
                try workspace.write(name, text)
                chmod(workspace.repository.appendingPathComponent(name).path, 0o755)
            }
            let manifest = Workspace.manifest(instances: 1, timing: "soak: 0s")
                .replacingOccurrences(of: "{ path: /healthz }", with: readiness)
                .replacingOccurrences(of: "  port: 8080", with: "  port: 8080\n  writable: [/tmp]")
            try workspace.write("ingot.yaml", manifest + "\ntest:\n" + tests.map { "  - { \($0) }\n" }.joined())
            try workspace.commit(version: 2)
            try await workspace.startDaemon()
            return (workspace, try await workspace.build())
        } catch {
            workspace.remove()
            throw error
        }
    }

    private struct Evidence: Decodable {
        struct Details: Decodable {
            struct Cases: Decodable { var passed: Int }
            struct Writes: Decodable {
                struct Path: Decodable, Equatable {
                    var path: String
                    var place: String
                    var moments: [String]
                }
                var paths: [Path]
            }
            struct Stop: Decodable { var fate: String }
            struct Readiness: Decodable { var recoveryTook: Int? }
            var cases: Cases?
            var writes: Writes?
            var stop: Stop?
            var readiness: Readiness?
        }
        var test: String
        var passed: Bool
        var ending: String
        var details: Details?
    }

    private func instances(_ workspace: Workspace) async throws -> Int {
        struct Instance: Decodable { var state: String }
        return try await workspace.ingot("instance", "list", "--output", "json").decoded(as: [Instance].self).count { $0.state != "ended" }
    }

    @Test("a service that does everything right passes all, with what it needs beside it, and everything is on record")
    func good() async throws {
        let needs = "needs: [{ image: shop, as: redis, port: 8080 }]"
        let (workspace, image) = try await workspace([
            "name: smoke, run: [./smoke.sh], report: junit.xml, \(needs)", "name: stateless, check: statelessness, run: [./smoke.sh], \(needs)",
            "name: stops, check: graceful-stop", "name: ready, check: readiness",
        ])
        defer { workspace.remove() }
        let output = try await workspace.ingot("test", "--image", image, "--report", "out.xml")
        #expect(output.exitCode == 0, "\(output.standardError)")
        let report = try String(contentsOf: workspace.repository.appendingPathComponent("out.xml"), encoding: .utf8)
        #expect(report.contains("tests=\"4\" failures=\"0\""))

        let all: [Evidence] = try await workspace.ingot("test", "show", image, "--output", "json").decoded()
        #expect(all.map(\.test) == ["ready", "smoke", "stateless", "stops"] && all.allSatisfy(\.passed))
        #expect(all[0].details?.readiness?.recoveryTook != nil)
        #expect(all[1].details?.cases?.passed == 1)
        let seen = Evidence.Details.Writes.Path(path: "/tmp/seen", place: "writable", moments: ["service"])
        #expect(all[2].details?.writes?.paths == [seen])
        #expect(all[3].details?.stop?.fate == "answered")
        let shown = try await workspace.ingot("test", "show", image, "--test", "stateless")
        #expect(shown.standardOutput.contains("/tmp/seen (file, 2 B, in service, allowed)"), "\(shown.standardOutput)")
        #expect(try attestations(workspace) == 1)
        try await eventually("nothing is left") { try await instances(workspace) == 0 }
    }

    /// How many statements of test results the store has.
    private func attestations(_ workspace: Workspace) throws -> Int {
        let files = FileManager.default.enumerator(at: workspace.root.appendingPathComponent("store"), includingPropertiesForKeys: [.fileSizeKey])
        return try (files?.allObjects as? [URL] ?? []).count { file in
            let size = try file.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0
            guard (1..<8_192).contains(size), let text = try? String(contentsOf: file, encoding: .utf8) else { return false }
            return text.contains("\"predicateType\":\"https://in-toto.io/attestation/test-result/v0.1\"") && text.contains("\"result\":\"PASSED\"")
        }
    }

    @Test("what a service or a test does wrong is told with what to do")
    func bad() async throws {
        let (workspace, image) = try await workspace(
            [
                "name: state, check: statelessness, run: [sh, -c, 'test $INGOT_ROUND = 1']", "name: ready, check: readiness",
                "name: killer, deadline: 10s, run: [sh, -c, '\(Self.killer)']",
                "name: missing, run: ['true'], needs: [{ image: no-such-image, as: redis, port: 1 }]",
            ], readiness: "{ timeout: 500ms }")
        defer { workspace.remove() }
        let output = try await workspace.ingot("test", "state", "ready", "killer", "--image", image)
        #expect(output.exitCode == 3)
        for says in [
            "3 tests failed: state, ready, killer", "failed after the instance was replaced by a fresh one",
            "a service that hangs still counts as ready",
            "the instance ended during the test (exit code 0)", "to do: keep what must outlive an instance outside of it",
        ] {
            #expect(output.standardError.contains(says), "\(says): \(output.standardError)")
        }
        let missing = try await workspace.ingot("test", "missing", "--image", image)
        #expect(missing.exitCode == 2 && missing.standardError.contains("no image is called 'no-such-image'"))
        let kept: [Evidence] = try await workspace.ingot("test", "show", image, "--output", "json").decoded()
        #expect(kept.contains { $0.test == "missing" && !$0.passed && $0.ending.hasPrefix("it could not be run: no image is called") })
        try await eventually("nothing is left") { try await instances(workspace) == 0 }
    }

    @Test("a service that handles no signal does not stop gracefully")
    func abrupt() async throws {
        let (workspace, _) = try await workspace(["name: stops, check: graceful-stop"])
        defer { workspace.remove() }
        let plain = #"ENTRYPOINT ["/bin/httpd", "-f", "-p", "8080", "-h", "/www"]"#
        try workspace.write("Dockerfile", Self.dockerfile.replacingOccurrences(of: #"ENTRYPOINT ["/start.sh"]"#, with: plain))
        try workspace.commit(version: 3)
        let output = try await workspace.ingot("test")
        #expect(output.exitCode == 3)
        #expect(output.standardError.contains("no process of it listens to the stop signal"), "\(output.standardError)")
    }

    @Test("an interrupted test leaves nothing")
    func interrupted() async throws {
        let (workspace, image) = try await workspace([
            "name: hang, run: [sh, -c, 'echo $$ > pid; sleep 600'], needs: [{ image: shop, as: redis, port: 8080 }]"
        ])
        defer { workspace.remove() }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Workspace.executable("ingot"))
        process.arguments = ["test", "--image", image]
        process.currentDirectoryURL = workspace.repository
        process.environment = workspace.environment
        process.standardError = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        defer { process.terminate() }
        let file = workspace.repository.appendingPathComponent("pid")
        try await eventually("the command runs") { (try? String(contentsOf: file, encoding: .utf8))?.hasSuffix("\n") == true }
        #expect(try await instances(workspace) == 2)
        process.terminate()
        try await eventually("nothing is left") { try await instances(workspace) == 0 }
        let pid = try #require(Int32(try String(contentsOf: file, encoding: .utf8).dropLast()))
        try await eventually("the command is killed") { kill(pid, 0) != 0 }
        process.waitUntilExit()
        #expect(process.terminationStatus == 130)
    }
}
