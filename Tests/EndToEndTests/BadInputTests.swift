import Foundation
import Testing

/// Each mistake gets an exit code, a place, and something to do.
@Suite("Bad input")
struct BadInputTests {
    @Test(
        "a mistake in a file is shown with file, line and column, and ends with exit code 2",
        arguments: [
            ("ingot.yaml", "service: shop\nrun: { prot: 8080 }\nenvironments: { production: {} }\n", "ingot.yaml:2:8", "port"),
            ("ingot.yaml", "service: [shop]\n", "ingot.yaml:1:10", "service"),
            ("ingot.yaml", "service: shop\n  run: x\n", "ingot.yaml:2:", "YAML"),
            ("Dockerfile", "FROM scratch\nCOPPY a b\n", "Dockerfile:2:1", "COPY"),
            ("Dockerfile", "FROM nowhere:1\n", "Dockerfile:1:", "nowhere:1"),
            ("Dockerfile", "FROM scratch\nADD missing /\n", "Dockerfile:2:5", "missing"),
            ("Dockerfile", "FROM scratch\nCOPY missing /\n", "Dockerfile:2:", "missing"),
        ])
    func mistakesInFiles(file: String, text: String, place: String, word: String) async throws {
        let workspace = try Workspace()
        defer { workspace.remove() }
        try workspace.write(file, text)
        let output = try await workspace.ingot("build")
        #expect(output.exitCode == 2)
        #expect(output.standardError.contains(place), "\(output.standardError)")
        #expect(output.standardError.contains(word), "\(output.standardError)")
    }

    @Test("no ingot.yaml says how to get one")
    func noManifest() async throws {
        let workspace = try Workspace()
        defer { workspace.remove() }
        try FileManager.default.removeItem(at: workspace.repository.appendingPathComponent("ingot.yaml"))
        let output = try await workspace.ingot("up")
        #expect(output.exitCode == 2)
        #expect(output.standardError.contains("ingot init"), "\(output.standardError)")
    }

    @Test("without a daemon a command says how to start one")
    func noDaemon() async throws {
        let workspace = try Workspace()
        defer { workspace.remove() }
        let output = try await workspace.ingot("status")
        #expect(output.exitCode == 1)
        #expect(output.standardError.contains("ingot serve"), "\(output.standardError)")
    }

    @Test("a second daemon on the same root is refused and names the first")
    func secondDaemon() async throws {
        let workspace = try Workspace()
        defer { workspace.remove() }
        try await workspace.startDaemon()
        let output = try await workspace.ingot("serve", "--bind", "127.0.0.1:\(try freePort())")
        #expect(output.exitCode == 2)
        let first = try #require(workspace.daemonProcessID)
        #expect(output.standardError.contains("\(first)"), "\(output.standardError)")
    }

    @Test("a digest that is not in the store is refused and changes nothing")
    func unknownDigest() async throws {
        let workspace = try Workspace()
        defer { workspace.remove() }
        try await workspace.startDaemon()
        try await expectSuccess(workspace.ingot("deploy", "production", workspace.build()))
        let output = try await workspace.ingot("deploy", "production", "sha256:" + String(repeating: "0", count: 64))
        #expect(output.exitCode == 2)
        #expect(output.standardError.contains("no image"), "\(output.standardError)")
    }

    @Test("a blob that was changed on disk is found before it runs")
    func changedBlob() async throws {
        let workspace = try Workspace()
        defer { workspace.remove() }
        try await workspace.startDaemon()
        let image = try await workspace.build()
        let blob = workspace.root.appendingPathComponent("store/blobs/sha256/\(image.dropFirst(7))")
        var bytes = try Data(contentsOf: blob)
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: blob)
        let output = try await workspace.ingot("deploy", "production", image)
        #expect(output.exitCode != 0)
        #expect(output.standardError.contains(String(image.dropFirst(7).prefix(12))), "\(output.standardError)")
    }

    @Test("a killed HAProxy comes back with what was in force")
    func killedRouter() async throws {
        let workspace = try Workspace()
        defer { workspace.remove() }
        try await workspace.startDaemon()
        try await expectSuccess(workspace.ingot("deploy", "production", workspace.build()))
        let configuration = workspace.root.appendingPathComponent("router/haproxy.cfg").path
        let processes = try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap(Int32.init).filter { id in
            let line = (try? String(contentsOfFile: "/proc/\(id)/cmdline", encoding: .utf8)) ?? ""
            return line.contains("haproxy") && line.contains(configuration)
        }
        try #require(!processes.isEmpty)
        processes.forEach { kill($0, SIGKILL) }
        let load = Load(port: workspace.port, host: workspace.host, connections: 1)
        try await eventually("the service answers again", log: workspace.daemonLog) { load.soFar.answered > 10 }
        _ = await load.end()
    }
}
