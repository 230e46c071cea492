import Foundation
import ImageStore
import IngotModel
import SystemPackage
import Testing

@testable import Registry
@testable import RegistryServer

/// The tools that others wrote, against the registry that Ingot serves.
@Suite("Served to others", .enabled(if: DockerRegistry.isInstalled, DockerRegistry.missing))
struct InteropTests {
    /// A registry with the image `shop:1.4` that was built here, and a layout of the same image.
    private static func with(
        isOpen: Bool = false, _ body: (LocalRegistry, Image, Tool) async throws -> Void
    ) async throws {
        try await LocalRegistry.with({ $0.isOpen = isOpen }) { registry in
            let image = try addImage(to: registry.store, layers: [600_000, 500])
            try registry.store.tag(image.digest, as: "shop:1.4")
            let tool = Tool(folder: registry.store.root.appending("tools"))
            try FileManager.default.createDirectory(atPath: tool.folder.string, withIntermediateDirectories: true)
            try await body(registry, image, tool)
        }
    }

    private static func same(_ registry: LocalRegistry, _ reference: String, _ image: Image) throws -> Bool {
        guard let taken = try registry.store.takeUp(reference) else { return false }
        return try registry.store.image(taken).layers.map(\.diffID) == image.layers.map(\.diffID)
    }

    @Test("skopeo pulls what was built here, and pushes, in every form; without a token it gets nothing")
    func skopeo() async throws {
        try await Self.with { registry, image, tool in
            let (layout, source) = (tool.folder.appending("layout"), "docker://\(registry.host)/shop:1.4")
            let credentials = "x:\(registry.secret)"
            await #expect(throws: (any Error).self) { try await tool("skopeo", "inspect", "--tls-verify=false", source) }
            await #expect(throws: (any Error).self) { try await tool("skopeo", "inspect", "--tls-verify=false", "--creds", "x:ingotr_no", source) }
            try await tool("skopeo", "copy", "--src-tls-verify=false", "--src-creds", credentials, source, "oci:\(layout):x")
            for (number, form) in [["--dest-compress-format", "gzip"], ["--dest-compress-format", "zstd"], ["--format", "v2s2"]].enumerated() {
                let target = "docker://\(registry.host)/other/shop:t\(number)"
                let arguments = ["copy", "--dest-tls-verify=false", "--dest-creds", credentials] + form + ["oci:\(layout):x", target]
                try await tool.run("skopeo", arguments)
                #expect(try Self.same(registry, "other/shop:t\(number)", image))
            }
            let tags = try await tool("skopeo", "list-tags", "--tls-verify=false", "--creds", credentials, "docker://\(registry.host)/other/shop")
            #expect(tags.contains("t0") && tags.contains("t2"))
            try await tool("skopeo", "delete", "--tls-verify=false", "--creds", credentials, "docker://\(registry.host)/other/shop:t2")
            #expect(try registry.store.resolveRoot("other/shop:t2") == nil)
        }
    }

    @Test("skopeo pulls without a login where anybody may, and does not push")
    func skopeoAnonymous() async throws {
        try await Self.with(isOpen: true) { registry, image, tool in
            let layout = tool.folder.appending("layout")
            try await tool("skopeo", "copy", "--src-tls-verify=false", "docker://\(registry.host)/shop:1.4", "oci:\(layout):x")
            await #expect(throws: (any Error).self) {
                try await tool("skopeo", "copy", "--dest-tls-verify=false", "oci:\(layout):x", "docker://\(registry.host)/new:1")
            }
            #expect(try registry.store.resolveRoot("new:1") == nil)
        }
    }

    @Test("podman logs in, pulls, and pushes")
    func podman() async throws {
        try await Self.with { registry, image, tool in
            let authentication = tool.folder.appending("auth.json")
            // Podman takes no long one.
            let runFolder = "/tmp/ingot-podman-\(UInt32.random(in: 0 ... .max))"
            defer { try? FileManager.default.removeItem(atPath: runFolder) }
            let podman = ["--root", "\(tool.folder)/podman", "--runroot", runFolder, "--storage-driver", "vfs"]
            try await tool.run(
                "podman",
                podman + ["login", "--tls-verify=false", "--authfile", "\(authentication)", "-u", "x", "-p", registry.secret, registry.host])
            try await tool.run(
                "podman", podman + ["pull", "-q", "--tls-verify=false", "--authfile", "\(authentication)", "\(registry.host)/shop:1.4"])
            let push = [
                "push", "-q", "--tls-verify=false", "--authfile", "\(authentication)", "\(registry.host)/shop:1.4", "\(registry.host)/podman/shop:1",
            ]
            try await tool.run("podman", podman + push)
            #expect(try Self.same(registry, "podman/shop:1", image))
        }
    }

    @Test("docker and containerd log in, pull and push; docker pulls without a login where anybody may", arguments: [false, true])
    func docker(isOpen: Bool) async throws {
        try await Self.with(isOpen: isOpen) { registry, image, tool in
            try await DockerEngine.with(tool) { docker in
                let name = "\(registry.host)/shop:1.4"
                if isOpen {
                    try await docker("pull", "-q", name)
                    try await docker("tag", name, "\(registry.host)/new:1")
                    await #expect(throws: (any Error).self) { try await docker("push", "-q", "\(registry.host)/new:1") }
                    return
                }
                await #expect(throws: (any Error).self) { try await docker("pull", "-q", name) }
                try await docker("login", "-u", "x", "-p", registry.secret, registry.host)
                try await docker("pull", "-q", name)
                try await docker("tag", name, "\(registry.host)/docker/shop:1")
                try await docker("push", "-q", "\(registry.host)/docker/shop:1")
                #expect(try Self.same(registry, "docker/shop:1", image))
                let ctr = ["--address", docker.containerd, "images"]
                let access = ["--plain-http", "--user", "x:\(registry.secret)"]
                try await tool.run("ctr", ctr + ["pull", "--snapshotter", "native"] + access + [name])
                try await tool.run("ctr", ctr + ["push"] + access + ["\(registry.host)/ctr/shop:1", name])
                #expect(try Self.same(registry, "ctr/shop:1", image))
            }
        }
    }

    @Test("Ingot's own client pushes and pulls with a token, and mounts across repositories")
    func own() async throws {
        try await Self.with { registry, image, tool in
            try await withStore { store in
                var options = impatient()
                options.configurationFile = try configurationFile([registry.host: (user: "x", password: registry.secret)], in: store.root)
                options.memoryFolder = store.root.appending("memory")
                let first = try ImageReference("\(registry.host)/shop:1.4")
                let pulled = try await RegistryClient.with(options) { try await $0.pull(first, as: nil, into: store) }
                #expect(pulled.images.map(\.digest) == [image.digest])
                let second = try ImageReference("\(registry.host)/again:1")
                let pushed = try await RegistryClient.with(options) { try await $0.push(image.digest, to: second, from: store) }
                #expect(pushed.count.mounted == 3 && pushed.count.transferred == 0)
                #expect(try Self.same(registry, "again:1", image))
                // Without a token it says what to do.
                let error = await #expect(throws: RegistryError.self) {
                    try await RegistryClient.with(impatient()) { try await $0.pull(first, as: nil, into: store) }
                }
                #expect(error?.reason == .unauthorized)
            }
        }
    }
}
