import Foundation
import Testing

/// Through the command line, with Debian's `docker-registry`.
@Suite(
    "Registries",
    .enabled(if: FileManager.default.isExecutableFile(atPath: RegistryServer.program), "docker-registry is missing: scripts/setup test"))
struct RegistryTests {
    private struct Pulled: Decodable {
        var digest: String
        var images: [String]
        var tags: [String]
        var referrers: Int
    }

    private struct Pushed: Decodable {
        struct Blobs: Decodable {
            var transferred: Int
            var present: Int
        }
        var digest: String
        var blobs: Blobs
        var referrers: Int
    }

    @Test("an image is built and pushed by one command, pulled by another machine, and is a base there")
    func throughRegistry() async throws {
        let workspace = try Workspace()
        defer { workspace.remove() }
        let registry = try await RegistryServer(in: workspace.folder)
        defer { registry.end() }
        let name = "\(registry.host)/team/shop:1"
        let built = try await workspace.ingot("build", "-t", name, "--push", "--output", "json", ".")
        try expectSuccess(built)
        let digest = try built.decoded(as: Built.self).image
        let pushed: Pushed = try await workspace.ingot("image", "push", name, "--output", "json").decoded()
        #expect(pushed.digest == digest)
        #expect(pushed.blobs.transferred == 0 && pushed.blobs.present > 0)
        // How it was built, and what is in it.
        #expect(pushed.referrers == 2)

        let other = try Workspace()
        defer { other.remove() }
        let pulled: Pulled = try await other.ingot("image", "pull", name, "--tag", "mine", "--output", "json").decoded()
        #expect(pulled.digest == digest)
        #expect(pulled.tags == [name, "mine"])
        #expect(pulled.referrers == 2)
        try other.write("Dockerfile", "FROM \(registry.host)/team/shop:1\nCOPY www/healthz /again\n")
        try await expectSuccess(other.ingot("build", "."))
        try other.write("Dockerfile", "FROM \(registry.host)/team/shop\nCOPY www/healthz /again\n")
        let missing = try await other.ingot("build", ".")
        #expect(missing.exitCode == 2)
        #expect(missing.standardError.contains("Dockerfile:1:"), "\(missing.standardError)")
        #expect(missing.standardError.contains("has no tag 'latest'"), "\(missing.standardError)")
    }

    private struct Built: Decodable { var image: String }

    @Test("a build's cache and an image for two platforms go through a registry")
    func cacheAndPlatforms() async throws {
        let workspace = try Workspace()
        defer { workspace.remove() }
        let registry = try await RegistryServer(in: workspace.folder)
        defer { registry.end() }
        let cache = "type=registry,ref=\(registry.host)/cache"
        try await expectSuccess(workspace.ingot("build", "--cache-to", "\(cache),mode=max", "."))
        // The same commit: a step behind a COPY has its date.
        let other = try Workspace()
        defer { other.remove() }
        try FileManager.default.removeItem(at: other.repository)
        try await expectSuccess(workspace.run("/usr/bin/git", ["clone", "-q", workspace.repository.path, other.repository.path]))
        struct Steps: Decodable {
            struct Step: Decodable { var outcome: String }
            var steps: [Step]
        }
        let steps: Steps = try await other.ingot("build", "--cache-from", cache, "--output", "json", ".").decoded()
        #expect(steps.steps.first?.outcome == "cached")

        let name = "\(registry.host)/shop:all"
        let built: Built = try await workspace.ingot(
            "build", "-t", name, "--platform", "linux/amd64,linux/arm64", "--push", "--output", "json", "."
        ).decoded()
        let raw = try await workspace.run("/usr/bin/skopeo", ["inspect", "--tls-verify=false", "--raw", "docker://\(name)"])
        #expect(raw.standardOutput.contains("arm64") && raw.standardOutput.contains("amd64"), "\(raw.standardError)")
        let pulled: Pulled = try await other.ingot("image", "pull", name, "--platform", "linux/arm64", "--output", "json").decoded()
        #expect(pulled.digest == built.image)
        #expect(pulled.images.count == 1 && pulled.images[0] != built.image)
    }

    @Test("credentials come from Docker's configuration, or from the helper that it names")
    func credentials() async throws {
        let workspace = try Workspace()
        defer { workspace.remove() }
        let registry = try await RegistryServer(in: workspace.folder, hasPassword: true)
        defer { registry.end() }
        let image = try await workspace.build()
        let name = "\(registry.host)/shop:1"
        let folder = workspace.folder.appendingPathComponent("docker")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        func push(_ configuration: String) async throws -> Workspace.Output {
            try Data(configuration.utf8).write(to: folder.appendingPathComponent("config.json"))
            let path = "\(folder.path):\(ProcessInfo.processInfo.environment["PATH"] ?? "")"
            let arguments = ["DOCKER_CONFIG=\(folder.path)", "PATH=\(path)", Workspace.executable("ingot"), "image", "push", image, name]
            return try await workspace.run("/usr/bin/env", arguments)
        }
        let refused = try await push("{}")
        #expect(refused.exitCode == 2)
        #expect(refused.standardError.contains("docker login \(registry.host)"), "\(refused.standardError)")
        try expectSuccess(try await push("{\"auths\":{\"\(registry.host)\":{\"auth\":\"\(Data("user:pass".utf8).base64EncodedString())\"}}}"))

        let helper = folder.appendingPathComponent("docker-credential-test")
        let script = "#!/bin/sh\n[ \"$1\" = get ] && [ \"$(cat)\" = \(registry.host) ] && echo '{\"Username\":\"user\",\"Secret\":\"pass\"}'\n"
        try Data(script.utf8).write(to: helper)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: helper.path)
        try expectSuccess(try await push(#"{"credsStore":"test"}"#))
        let absent = try await push(#"{"credsStore":"absent"}"#)
        #expect(absent.exitCode == 2)
        #expect(absent.standardError.contains("docker-credential-absent"), "\(absent.standardError)")
    }
}

/// A registry of its own, for the length of a test.
final class RegistryServer: @unchecked Sendable {
    static let program = "/usr/bin/docker-registry"
    /// `user`, `pass`
    private static let passwords = "user:$2y$05$s/c5vgcsoTCqYK0MhZ64HesCn6fjWF4rV3Ai62uQKSe0HDLDauPxi\n"

    let host: String
    private let process = Process()

    init(in parent: URL, hasPassword: Bool = false) async throws {
        let folder = parent.appendingPathComponent("registry")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        host = "127.0.0.1:\(try freePort())"
        let login = hasPassword ? "auth: { htpasswd: { realm: test, path: \(folder.path)/passwords } }\n" : ""
        let settings = """
            version: 0.1
            storage: { filesystem: { rootdirectory: \(folder.path)/data } }
            http: { addr: "\(host)", secret: test }
            log: { level: error, accesslog: { disabled: true } }
            \(login)
            """
        try Data(settings.utf8).write(to: folder.appendingPathComponent("config.yml"))
        try Data(Self.passwords.utf8).write(to: folder.appendingPathComponent("passwords"))
        process.executableURL = URL(fileURLWithPath: Self.program)
        process.arguments = ["serve", "\(folder.path)/config.yml"]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        let address = "http://\(host)/v2/"
        try await eventually("the registry answers") {
            let asked = Process()
            asked.executableURL = URL(fileURLWithPath: "/usr/bin/curl")
            asked.arguments = ["-s", "-o", "/dev/null", address]
            try asked.run()
            asked.waitUntilExit()
            return asked.terminationStatus == 0
        }
    }

    func end() {
        process.terminate()
        process.waitUntilExit()
    }
}
