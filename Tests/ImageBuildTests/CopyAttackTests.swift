import Foundation
import Glibc
import ImageStore
import IngotModel
import SystemPackage
import Testing

@testable import ImageBuild

/// Contexts, archives and bases that want out, or want too much. Each is refused, or harmless: a file outside stays as it is.
@Suite("Hostile input of COPY and ADD")
struct CopyAttackTests {
    struct Attack: CustomTestStringConvertible, Sendable {
        var testDescription: String
        /// Made with the path of a folder outside.
        var archive: @Sendable (_ outside: String) -> [UInt8]
        /// `nil` when the archive is harmless.
        var code: String?
        /// A path that the image must then have.
        var path: String?
    }

    static let attacks: [Attack] = [
        Attack(
            testDescription: "writes through a link of its own",
            archive: { outside in
                TarFile.make {
                    $0.addLink("door", to: outside)
                    $0.add("door/victim", "taken")
                }
            }, path: "t/OUTSIDE/victim"),
        Attack(
            testDescription: "writes through a link that climbs",
            archive: { _ in
                TarFile.make {
                    $0.addLink("door", to: "../../../../../../etc")
                    $0.add("door/victim", "taken")
                }
            }, path: "t/etc/victim"),
        Attack(
            testDescription: "has a circle of links",
            archive: { _ in
                TarFile.make {
                    $0.addLink("a", to: "b")
                    $0.addLink("b", to: "a")
                    $0.add("a/x", "x")
                }
            }, code: "build.archive-unsuitable"),
        Attack(
            testDescription: "doubles links at each step",
            archive: { _ in
                TarFile.make { tar in
                    tar.addFolder("l0")
                    for depth in 1..<40 { tar.addLink("l\(depth)", to: "l\(depth - 1)/../l\(depth - 1)") }
                    tar.add("l39/x", "x")
                }
            }, code: "build.archive-unsuitable"),
        Attack(
            testDescription: "hard links to a file outside", archive: { outside in TarFile.make { $0.addHardLink("mine", to: outside + "/victim") } },
            code: "build.archive-unsuitable"),
        Attack(
            testDescription: "hard links through a link",
            archive: { outside in
                TarFile.make {
                    $0.addLink("door", to: outside)
                    $0.addHardLink("mine", to: "door/victim")
                }
            }, code: "build.archive-unsuitable"),
        Attack(testDescription: "goes upward", archive: { _ in TarFile.make { $0.add("../victim", "taken") } }, code: "store.unsafe-path"),
        Attack(
            testDescription: "goes upward in the middle", archive: { _ in TarFile.make { $0.add("a/../../victim", "taken") } },
            code: "store.unsafe-path"),
        Attack(testDescription: "is absolute", archive: { outside in TarFile.make { $0.add("/victim", "taken") } }, path: "t/victim"),
        Attack(
            testDescription: "has a NUL in a name",
            archive: { _ in
                TarFile.make {
                    $0.addRecord("path", "a\0/../../victim")
                    $0.add("short", "x")
                }
            }, path: "t/a"),
        Attack(testDescription: "whites out", archive: { _ in TarFile.make { $0.add(".wh.etc") } }, code: "build.archive-unsuitable"),
        Attack(
            testDescription: "makes a folder opaque through a link",
            archive: { _ in
                TarFile.make {
                    $0.addLink("door", to: "/etc")
                    $0.add("door/.wh..wh..opq")
                }
            }, code: "build.archive-unsuitable"),
        Attack(
            testDescription: "whites out by a device", archive: { _ in TarFile.make { $0.addDevice("etc", major: 0, minor: 0) } },
            code: "build.archive-unsuitable"),
        Attack(testDescription: "has a device", archive: { _ in TarFile.make { $0.addDevice("null", major: 1, minor: 3) } }, path: "t/null"),
        Attack(
            testDescription: "puts a file below a file",
            archive: { _ in
                TarFile.make {
                    $0.add("a", "x")
                    $0.add("a/b", "x")
                }
            }, code: "build.archive-unsuitable"),
        Attack(
            testDescription: "has a path of 10,000 parts",
            archive: { _ in
                TarFile.make {
                    $0.addRecord("path", String(repeating: "a/", count: 10_000) + "b")
                    $0.add("short", "x")
                }
            }, code: "store.unsafe-path"),
        Attack(
            testDescription: "is deeper than any folder",
            archive: { _ in
                TarFile.make {
                    $0.addRecord("path", String(repeating: "a/", count: 200) + "b")
                    $0.add("short", "x")
                }
            }, code: "store.too-large"),
        Attack(
            testDescription: "ends too early", archive: { _ in Array(TarFile.make { $0.add("a", type: "0", size: 100_000) }) },
            code: "store.archive-invalid"),
        Attack(
            testDescription: "says it is huge",
            archive: { _ in
                TarFile.make {
                    $0.addRecord("size", "99999999999999")
                    $0.add("a")
                }
            }, code: "store.too-large"),
        Attack(
            testDescription: "has a sparse file of 1 TB",
            archive: { _ in
                TarFile.make {
                    $0.addRecord("GNU.sparse.major", "1")
                    $0.addRecord("GNU.sparse.realsize", "1099511627776")
                    $0.addRecord("size", "1099511627776")
                    $0.add("sparse", type: "0")
                }
            }, code: "store.too-large"),
    ]

    @Test("stays inside, or is refused: an archive that", arguments: attacks)
    func archive(attack: Attack) async throws {
        try await BuildFixture.with { fixture in
            let outside = fixture.folder.appending("outside")
            try Files.makeFolder(outside)
            try Files.write(Array("mine".utf8), to: outside.appending("victim"))
            try Files.write(attack.archive(outside.string), to: fixture.context.appending("a.tar"))
            let request = try fixture.request("FROM base\nADD a.tar /t/")
            do {
                let image = try await fixture.builder.build(request).image
                #expect(attack.code == nil, "the image was built")
                let path = (attack.path ?? "").replacingOccurrences(of: "/OUTSIDE", with: outside.string)
                #expect(try fixture.file(path, of: image) != nil, "\(path)")
                #expect(try fixture.file("etc/passwd", of: image) != nil)
            } catch let error as any ExplainedError {
                #expect(error.code == attack.code, "\(error)")
            }
            #expect(try Files.read(outside.appending("victim"), limit: 100) == Array("mine".utf8))
            #expect(Files.names(outside) == ["victim"])
            #expect(fixture.leftovers.isEmpty)
        }
    }

    @Test("is refused as a context too", arguments: attacks.filter { $0.code?.hasPrefix("store.") == true })
    func context(attack: Attack) async throws {
        try await BuildFixture.with(base: false) { fixture in
            try Files.write(attack.archive("/etc"), to: fixture.folder.appending("c.tar"))
            var request = BuildRequest(contextFolder: "/nowhere")
            request.context = .archive(fixture.folder.appending("c.tar"))
            let error = await #expect(throws: (any Error).self) { try await fixture.builder.build(request) }
            #expect((error as? any ExplainedError)?.code == attack.code)
        }
    }

    @Test("a context whose Dockerfile is a link outside is not read from there")
    func dockerfileLink() async throws {
        try await BuildFixture.with(base: false) { fixture in
            try Files.write(Array("FROM scratch\nENV STOLEN=1".utf8), to: fixture.folder.appending("secret"))
            let archive = TarFile.make { $0.addLink("Dockerfile", to: fixture.folder.appending("secret").string) }
            try Files.write(archive, to: fixture.folder.appending("c.tar"))
            var request = BuildRequest(contextFolder: "/nowhere")
            request.context = .archive(fixture.folder.appending("c.tar"))
            let error = await #expect(throws: BuildError.self) { try await fixture.builder.build(request) }
            #expect(error?.code == "build.dockerfile-missing")
        }
    }

    @Test("a bomb is stopped while it is small", arguments: ["gzip .gz", "zstd .zst", "xz .xz", "bzip2 .bz2"])
    func bomb(compression: String) async throws {
        try await BuildFixture.with(base: false) { fixture in
            let parts = compression.split(separator: " ").map(String.init)
            let path = fixture.context.appending("a")
            try Files.write(Array(TarFile.make { $0.add("zeros", type: "0", size: 80 << 20) }.prefix(512)), to: path)
            #expect(truncate(path.string, 80 << 20) == 0)
            try AddTests.compress(path, by: parts[0])
            unlink(path.string)
            let error = await #expect(throws: StoreError.self) { try await fixture.run("FROM scratch\nADD a\(parts[1]) /") }
            #expect(error?.reason == .tooLarge)
        }
    }

    @Test("an archive of more files than the limit is refused")
    func entries() throws {
        let archive = TarFile.make { for index in 0..<101 { $0.add("f\(index)") } }
        let error = #expect(throws: StoreError.self) {
            try Archive.forEachEntry(of: FileContent(bytes: archive), spool: "/tmp", limits: ArchiveLimits(entries: 100)) { _ in }
        }
        #expect(error?.reason == .tooLarge)
    }

    @Test("a sparse file of 1 TB in the context is refused at once")
    func sparse() async throws {
        try await BuildFixture.with(base: false) { fixture in
            try fixture.write("huge", "")
            try #require(truncate(fixture.context.appending("huge").string, 1 << 40) == 0)
            let error = await #expect(throws: BuildError.self) { try await fixture.run("FROM scratch\nCOPY huge /") }
            #expect(error?.code == "build.context-too-large")
        }
    }

    @Test("devices, sockets and pipes of the context are no files")
    func specialFiles() async throws {
        try await BuildFixture.with(base: false) { fixture in
            try fixture.write("d/f", "f")
            #expect(mkfifo(fixture.context.pushing("d/pipe").string, 0o600) == 0)
            _ = mknod(fixture.context.pushing("d/null").string, S_IFCHR | 0o666, 0x103)
            #expect(try CopyTests.names(await fixture.run("FROM scratch\nCOPY d /").image, fixture) == ["f"])
        }
    }

    @Test("a link of the context leads nowhere but into it")
    func contextLinks() async throws {
        try await BuildFixture.with(base: false) { fixture in
            try fixture.write("etc/passwd", "inside")
            symlink("/etc/passwd", fixture.context.appending("absolute").string)
            symlink("../../../../../../../../etc/passwd", fixture.context.appending("climbing").string)
            let image = try await fixture.run("FROM scratch\nCOPY absolute climbing /d/").image
            #expect(try fixture.text("d/absolute", of: image) == "inside")
            #expect(try fixture.text("d/climbing", of: image) == "inside")
        }
    }

    @Test(
        "a base whose passwd is a link outside, or huge, gives no user",
        arguments: [("link", "build.owner-missing"), ("huge", "build.file-too-large")])
    func passwd(kind: String, code: String) async throws {
        try await BuildFixture.with(base: false) { fixture in
            try fixture.write("a", "a")
            var tree = FileTree()
            if kind == "link" {
                try tree.insert(.symbolicLink(to: "../../../../../../../etc/passwd-of-host"), at: TreePath("etc/passwd"))
                try tree.insert(.symbolicLink(to: "/proc/1/root/etc/group"), at: TreePath("etc/group"))
            } else {
                let content = FileContent(bytes: [UInt8](repeating: 10, count: UserDatabase.largestFile.bytes + 1))
                try tree.insert(.regular(content, FileMetadata(mode: 0o644)), at: TreePath("etc/group"))
            }
            try fixture.store.tag(fixture.store.addImage(ImageConfiguration(), layers: [fixture.store.addLayer(tree)]).digest, as: "hostile")
            let error = await #expect(throws: BuildError.self) { try await fixture.run("FROM hostile\nCOPY --chown=root a /") }
            #expect(error?.code == code)
        }
    }

    @Test("a file that changes while it is copied ends the build", arguments: ["content", "link", "gone"])
    func changed(kind: String) async throws {
        try await BuildFixture.with(base: false) { fixture in
            try fixture.write("f", "before")
            let source = try BuildInput.context(fixture.context, rules: IgnoreRules(), "the context", index: ContextIndex())
            let instruction = try DockerfileParser.parse("FROM scratch\nCOPY f /", file: "Dockerfile").stages[0].instructions[0]
            guard case .copy(let copy) = instruction.kind else { return #expect(Bool(false)) }
            let expanded = try ExpandedCopy(copy, in: .scratch(), escape: "\\", at: instruction.location)
            let files = try ContextFiles(expanded.sources, of: source, expanded, spool: fixture.folder)
            var key = CacheKey.Builder("test")
            try files.append(to: &key)
            let path = fixture.context.appending("f").string
            switch kind {
            case "content": try fixture.write("f", "after!")
            case "link":
                unlink(path)
                symlink("/etc/passwd", path)
            default: unlink(path)
            }
            #expect(throws: (any Error).self) {
                for case .file(_, let node) in try files.items() { try node.content?.forEachChunk { _ in } }
                try files.check()
            }
        }
    }
}
