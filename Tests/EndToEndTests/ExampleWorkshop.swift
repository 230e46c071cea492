import Foundation
import Testing

/// A store of its own with the examples beside it; all of it gone afterwards.
final class ExampleWorkshop: Sendable {
    let workspace: Workspace
    private var examples: URL { workspace.folder.appendingPathComponent("dockerfiles") }

    /// Asked once: making a base needs it.
    static let archiveAnswers: Bool = {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/lib/apt/apt-helper")
        let target = FileManager.default.temporaryDirectory.appendingPathComponent("ingot-release-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: target) }
        process.arguments = ["-o", "Acquire::Retries=0", "download-file", "http://deb.debian.org/debian/dists/bookworm/InRelease", target.path]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    init() throws {
        workspace = try Workspace()
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../Examples/dockerfiles").standardized
        // A copy: what stands in a repository would have its commit's date, and another one with each commit.
        try FileManager.default.copyItem(at: source, to: examples)
    }

    func remove() { workspace.remove() }

    func buildBase(_ name: String) async throws {
        try await expectSuccess(workspace.ingot("base", "build", examples.appendingPathComponent("bases/\(name).yaml").path))
    }

    /// Builds and runs each; one that fails does not keep the others from being seen.
    func check(_ list: [Example]) async throws {
        for example in list {
            let built = try await workspace.ingot("build", "-t", example.name, context(example.name))
            #expect(built.exitCode == 0, "\(example.name): \(built.standardError)")
            guard built.exitCode == 0 else { continue }
            let said = try await run(example)
            #expect(said.contains(example.says), "\(example.name) says \(said)")
        }
    }

    private func context(_ name: String) -> String { examples.appendingPathComponent(name).path }
    private func place(_ name: String) -> String { workspace.folder.appendingPathComponent(name).path }

    // MARK: Running

    /// As somebody else's tools run it: umoci makes a bundle of the image, runc runs that.
    private func run(_ example: Example) async throws -> String {
        let (layout, bundle) = (place("layout-\(example.name)"), place("bundle-\(example.name)"))
        try await expectSuccess(workspace.ingot("image", "export", example.name, "--oci", layout, "--tag", "it"))
        try await expectSuccess(workspace.run("/usr/bin/umoci", ["unpack", "--image", "\(layout):it", bundle]))
        defer { for folder in [layout, bundle] { try? FileManager.default.removeItem(atPath: folder) } }
        try Self.withoutTerminal("\(bundle)/config.json")
        let id = "ingot-\(UUID().uuidString.prefix(8))"
        guard let asked = example.asked else {
            let output = try await runc("run", "--bundle", bundle, id)
            return output.standardOutput + output.standardError
        }
        // Its output goes to a file: a pipe would be held open by what runs on.
        let command = "exec runc --root '\(place("runc"))' run --detach --bundle '\(bundle)' \(id) </dev/null >'\(bundle)/log' 2>&1"
        let started = try await workspace.run("/bin/sh", ["-c", command])
        let log = (try? String(contentsOfFile: "\(bundle)/log", encoding: .utf8)) ?? ""
        guard started.exitCode == 0 else { return "nothing; runc: \(log)" }
        let said = try await ask(id, asked, until: example.says)
        _ = try await runc("delete", "--force", id)
        return said
    }

    private func ask(_ id: String, _ command: [String], until wanted: String) async throws -> String {
        var said = ""
        let deadline = ContinuousClock.now + .seconds(20)
        repeat {
            let output = try await workspace.run("/usr/sbin/runc", ["--root", place("runc"), "exec", id] + command)
            said = output.standardOutput + output.standardError
        } while !said.contains(wanted) && ContinuousClock.now < deadline
        return said
    }

    private func runc(_ arguments: String...) async throws -> Workspace.Output {
        try await workspace.run("/usr/sbin/runc", ["--root", place("runc")] + arguments)
    }

    private static let capabilities = [
        "CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "MKNOD", "NET_RAW", "SETGID", "SETUID", "SETFCAP", "SETPCAP", "NET_BIND_SERVICE", "SYS_CHROOT",
        "KILL", "AUDIT_WRITE",
    ]

    private static func withoutTerminal(_ path: String) throws {
        let url = URL(fileURLWithPath: path)
        var document = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any])
        var process = try #require(document["process"] as? [String: Any])
        process["terminal"] = false
        // More than this machine may have allowed itself to give: a runtime must not raise limits.
        process["rlimits"] = nil
        // As Docker gives them: umoci gives three, with which no server can change its user.
        let capabilities = Self.capabilities.map { "CAP_\($0)" }
        process["capabilities"] = ["bounding": capabilities, "effective": capabilities, "permitted": capabilities]
        document["process"] = process
        try JSONSerialization.data(withJSONObject: document).write(to: url)
    }

    // MARK: Docker and podman

    /// Builds with Docker too, loads ours into it, and compares files and configuration as Docker sees both.
    func compareWithDocker(_ names: [String], on base: String) async throws {
        guard let docker = try await DockerEngine.started(in: workspace) else {
            Issue.record("docker.io is not installed: nothing was compared with docker build (scripts/setup test)", severity: .warning)
            return
        }
        defer { docker.end() }
        try await load(base, as: base, docker)
        for name in names {
            try await expectSuccess(docker("build", "--network", "host", "-t", name, context(name)))
            try await load(name, as: "ingot-\(name)", docker)
            let (theirs, ours) = try await (docker.files(of: name), docker.files(of: "ingot-\(name)"))
            #expect(
                theirs.count > 10 && Set(theirs).symmetricDifference(ours).isEmpty,
                "\(name): \(Set(theirs).symmetricDifference(ours).sorted().prefix(20))")
            let configurations = try await (docker.configuration(of: name), docker.configuration(of: "ingot-\(name)"))
            #expect(configurations.0 == configurations.1, "\(name)")
        }
        let said = try await docker("run", "--rm", "--network", "none", "ingot-c-make")
        #expect(said.standardOutput == "hello world from C\n", "\(said.standardError)")
    }

    private func load(_ name: String, as tag: String, _ docker: DockerEngine) async throws {
        let archive = place("image.tar")
        defer { try? FileManager.default.removeItem(atPath: archive) }
        try await expectSuccess(workspace.ingot("image", "export", name, "--docker-archive", archive, "--tag", tag))
        try await expectSuccess(docker("load", "-i", archive))
    }

    func runInPodman(_ name: String, says: String) async throws {
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/podman") else {
            Issue.record("podman is not installed: nothing was run in it (scripts/setup test)", severity: .warning)
            return
        }
        let archive = place("podman.tar")
        try await expectSuccess(workspace.ingot("image", "export", name, "--docker-archive", archive, "--tag", name))
        let storage = [
            "--root", place("podman"), "--runroot", place("podman-run"), "--storage-driver", "vfs", "--events-backend", "none",
            "--cgroup-manager", "cgroupfs", "--runtime", "runc",
        ]
        try await expectSuccess(workspace.run("/usr/bin/podman", storage + ["load", "-i", archive]))
        let said = try await workspace.run(
            "/usr/bin/podman", storage + ["run", "--rm", "--network", "none", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024", name])
        #expect(said.standardOutput.contains(says), "\(said.standardError)")
    }
}
