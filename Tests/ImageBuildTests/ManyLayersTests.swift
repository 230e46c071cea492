import CLinux
import Glibc
import ImageStore
import IngotModel
import SystemPackage
import Testing

@testable import ImageBuild

@Suite("Many layers")
struct ManyLayersTests {
    /// With characters that separate layers and options, or escape them; more than 60 such names do not fit into a page.
    @Test("are laid over each other by name and by descriptor, as many as the kernel takes", arguments: [2, Int(CLINUX_OVERLAY_LAYERS)])
    func overlay(count: Int) throws {
        let folder = FilePath("/tmp/ingot-overlay-test-\(getpid())-\(UInt32.random(in: 0 ... .max)), a:b\\c")
        try Files.makeFolder(folder)
        defer { Files.removeTree(folder) }
        let lower = (0..<count).map { folder.appending("lower-\($0)") }
        for (number, path) in lower.enumerated() {
            try Files.makeFolder(path)
            try Files.makeFile(path.appending("own-\(number)"), Array("\(number)".utf8))
            try Files.makeFile(path.appending("top"), Array("\(number)".utf8))
        }
        for name in ["upper", "work", "root", "view"] { try Files.makeFolder(folder.appending(name)) }
        let view = try OverlayMount(lower, upper: nil, at: folder.appending("view"))
        defer { view.unmount() }
        let root = try OverlayMount(lower, upper: (folder.appending("upper"), folder.appending("work")), at: folder.appending("root"))
        defer { root.unmount() }
        for mounted in [view, root] {
            #expect(try Files.read(mounted.path.appending("top"), limit: 10) == Array("\(count - 1)".utf8))
            #expect(try Files.read(mounted.path.appending("own-0"), limit: 10) == Array("0".utf8))
            #expect(Files.names(mounted.path).count == count + 1)
        }
        #expect(open(view.path.appending("new").string, O_WRONLY | O_CREAT, 0o600) < 0 && errno == EROFS)
        try Files.makeFile(root.path.appending("new"), [1])
        #expect(Files.names(folder.appending("upper")) == ["new"])
        let mounts = MountPoints.mountinfo.split(separator: "\n").filter { $0.contains("\(folder.lastComponent?.string.prefix(30) ?? "")") }
        #expect(mounts.allSatisfy { $0.contains("nodev") && $0.utf8.count < 1 << 16 })
        #expect(mounts.contains { $0.contains("/root ") && $0.contains("volatile") && $0.contains("index=on") })
    }

    @Test("are built, and are there for a RUN")
    func build() async throws {
        try await BuildFixture.with { fixture in
            for number in 0..<7 { try fixture.write("file\(number)", "\(number)") }
            let copies = (0..<70).map { "COPY file\($0 % 7) /files/\($0)" }
            let runs = (0..<2).map { "RUN cat /files/\($0) /files/69 > /seen\($0)" }
            let result = try await fixture.run((["FROM base"] + copies + runs).joined(separator: "\n"))
            #expect(result.image.layers.count == 73)
            #expect(try fixture.text("seen1", of: result.image) == "16")
            #expect(fixture.leftovers.isEmpty)
        }
    }

    @Test("are refused beyond what an image can have, before a step when its COPYs alone are too many")
    func limit() async throws {
        try await BuildFixture.with { fixture in
            let base = try #require(try fixture.store.resolve("base").map { try fixture.store.image($0) })
            // One layer many times counts as many, and is mounted once.
            let full = [Layer](repeating: base.layers[0], count: ImageStore.layerLimit)
            try fixture.store.tag(fixture.store.addImage(base.configuration, layers: full).digest, as: "full")
            #expect(throws: StoreError.self) { try fixture.store.addImage(base.configuration, layers: full + [base.layers[0]]) }
            #expect(try await fixture.run("FROM full\nRUN cat /etc/passwd").image.layers.count == ImageStore.layerLimit)
            for (dockerfile, line) in [("FROM full\nRUN exit 1\nCOPY Dockerfile /", 1), ("FROM full\nENV A=1\nRUN echo > /new", 3)] {
                let error = await #expect(throws: BuildError.self) { try await fixture.run(dockerfile) }
                #expect(
                    error?.code == "build.too-many-layers" && error?.diagnostics.first?.location.line == line,
                    "\(dockerfile): \(error.map { "\($0)" } ?? "built")")
            }
            #expect(fixture.leftovers.isEmpty)
        }
    }
}
