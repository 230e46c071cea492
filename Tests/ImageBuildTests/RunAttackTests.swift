import ContainerRuntime
import Glibc
import ImageStore
import IngotModel
import Logging
import SystemPackage
import Testing

@testable import ImageBuild

@Suite("Attacks on RUN")
struct RunAttackTests {
    @Test("a step that leaves processes leaves none")
    func leftProcesses() async throws {
        try await BuildFixture.with { fixture in
            let mark = "7\(UInt32.random(in: 100_000 ... .max))"
            try await fixture.run("FROM base\nRUN sleep \(mark) & (sleep \(mark) &) ; true")
            #expect(Processes.running(with: mark).isEmpty)
            #expect(fixture.leftovers.isEmpty)
        }
    }

    @Test("a fork bomb is stopped at the limit of processes")
    func forkBomb() async throws {
        try await BuildFixture.with { fixture in
            let request = try fixture.request("FROM base\nRUN for i in 1 2 3 4 5 6 7 8; do for j in 1 2 3 4 5 6 7 8 9; do sleep 60 & done; done") {
                $0.processLimit = 64
            }
            let error = await #expect(throws: BuildError.self) { try await fixture.builder.build(request) }
            #expect(error?.outputTail.last?.contains("Cannot fork") == true)
            try await fixture.run("FROM base\nRUN (b() { b | b & wait; }; b) || true") { $0.processLimit = 64 }
            #expect(fixture.leftovers.isEmpty)
        }
    }

    @Test("a step that fills the disk is told so, and leaves nothing")
    func fullDisk() async throws {
        try await BuildFixture.with { fixture in
            let disk = fixture.folder.appending("disk")
            try Files.makeFolder(disk)
            #expect(mount("tmpfs", disk.string, "tmpfs", 0, "size=48m,mode=755") == CInt(0))
            let store = try ImageStore(root: disk.appending("root"))
            let base = try fixture.store.image(#require(try fixture.store.resolve("base")))
            let copied = try store.addImage(
                base.configuration,
                layers: [
                    store.importLayer(tar: fixture.store.folder.appending("blobs").appending("sha256").appending(base.layers[0].blob.digest.hex))
                ])
            try store.tag(copied.digest, as: "base")
            let builder = ImageBuilder(store: store, cacheFolder: disk.appending("root/build"), logger: Logger(label: "test"))
            let request = try fixture.request("FROM base\nRUN dd if=/dev/zero of=/big bs=65536")
            let error = await #expect(throws: BuildError.self) { try await builder.build(request) }
            #expect(error?.code == "build.disk-full", "\(error.map { "\($0)" } ?? "")")
            #expect(error?.outputTail.contains { $0.contains("No space left") } == true)
            #expect(Files.names(disk.appending("root/build/tmp")) == ["lock"])
        }
    }

    @Test("a step finds neither its bundle nor the machine's files, and changes nothing of either")
    func bundle() async throws {
        try await BuildFixture.with { fixture in
            let result = try await fixture.run(
                """
                FROM base
                RUN <<EOF
                for f in /config.json ../config.json ../bundle/config.json ../../bundle/config.json /proc/1/cwd/config.json /proc/1/root/../bundle/config.json; do
                  if [ -e $f ]; then echo found $f >> /out; fi
                done
                if echo x 2>/dev/null > /proc/1/exe; then echo wrote >> /out; fi
                if echo x 2>/dev/null >> /etc/hosts; then echo hosts >> /out; fi
                if ls \(fixture.folder.string) > /dev/null 2>&1; then echo outside >> /out; fi
                touch /out
                EOF
                """)
            #expect(try fixture.text("out", of: result.image) == "")
        }
    }

    @Test("links that lead out of the root end in it: of a target, of a source, of the working folder, of /etc")
    func links() async throws {
        try await BuildFixture.with { fixture in
            let victim = fixture.folder.appending("victim")
            try Files.makeFolder(victim, mode: 0o777)
            try Files.write(Array("outside".utf8), to: victim.appending("file"))
            let path = victim.string
            let up = String(repeating: "../", count: 20)
            let result = try await fixture.run(
                """
                FROM base AS evil
                RUN mkdir -p \(path) && echo inside > \(path)/file && ln -s \(up)\(path) /link && ln -s \(path)/file /file
                FROM evil
                WORKDIR /link
                RUN --mount=type=cache,target=/link/made --mount=from=evil,source=/file,target=/seen --mount=type=tmpfs,target=/link/\(up)x/y \\
                  cat /seen file > /out && echo cached > made/x && echo changed > file && ls /x/y >> /out
                """)
            #expect(try fixture.text("out", of: result.image) == "inside\ninside\n")
            #expect(Files.names(victim) == ["file"])
            #expect(try Files.read(victim.appending("file"), limit: 100) == Array("outside".utf8))
            #expect(fixture.leftovers.isEmpty)
        }
    }

    @Test("a source that leaves the context is not found there", arguments: ["../outside", "/../outside", "link", "link/outside"])
    func sourceOutside(source: String) async throws {
        try await BuildFixture.with { fixture in
            try Files.write(Array("outside".utf8), to: fixture.folder.appending("outside"))
            #expect(symlink("..", fixture.context.appending("link").string) == 0)
            let request = try fixture.request(
                "FROM base\nRUN --mount=source=\(source),target=/in if [ -e /in/outside ]; then exit 7; fi; cat /in > /dev/null 2>&1 || true")
            do {
                let result = try await fixture.builder.build(request)
                #expect(result.steps.count == 1)
            } catch let error as BuildError {
                #expect(error.code != "build.run-failed", "\(error)")
            }
            #expect(fixture.leftovers.isEmpty)
        }
    }

    @Test("a context that is swapped while a step has it mounted changes nothing for the step")
    func swapped() async throws {
        try await BuildFixture.with { fixture in
            try fixture.write("in/file", "first")
            try Files.makeFolder(fixture.folder.appending("gate"))
            let dockerfile = "FROM base\nRUN --mount=source=in,target=/in echo go; sleep 1; cat /in/file > /out"
            let request = try fixture.request(dockerfile)
            let context = fixture.context
            let result = try await fixture.builder.build(request) { event in
                guard case .output = event else { return }
                rename(context.appending("in").string, context.appending("old").string)
                symlink("/etc", context.appending("in").string)
            }
            #expect(try fixture.text("out", of: result.image) == "first")
        }
    }

    @Test("a cache mount is no way out: links in it end in the root, devices and set-user-id have no effect")
    func cacheEscape() async throws {
        try await BuildFixture.with { fixture in
            let victim = fixture.folder.appending("victim")
            try Files.makeFolder(victim, mode: 0o777)
            let flag = "RUN --mount=type=cache,target=/c"
            try await fixture.run("FROM base\n\(flag) ln -s \(victim.string) /c/out && mknod /c/null c 1 3 && cp /bin/id /c/id && chmod 4755 /c/id")
            let request = try fixture.request("FROM base\n\(flag) --mount=type=tmpfs,target=/c/out/made true")
            let error = await #expect(throws: BuildError.self) { try await fixture.builder.build(request) }
            #expect(error?.code == "build.run-not-started")
            #expect(error?.diagnostics.first?.location.line == 2)
            let result = try await fixture.run(
                """
                FROM base
                USER app
                \(flag) /c/id -u > /tmp/out; if echo x 2>/dev/null > /c/null; then echo device >> /tmp/out; fi
                """)
            #expect(try fixture.text("tmp/out", of: result.image) == "1000\n")
            #expect(Files.names(victim).isEmpty)
            let caches = CacheMounts(folder: fixture.build.appending("mounts"))
            let removed = try caches.prune(largest: 0, now: Timestamp(millisecondsSince1970: 0))
            #expect(removed.count == 1)
            #expect(access(victim.string, F_OK) == 0)
        }
    }

    @Test("a base whose folders are links is refused or survived", arguments: ["proc", "dev", "sys", "etc", "etc/passwd", "w"])
    func linkedBase(path: String) async throws {
        try await BuildFixture.with { fixture in
            let victim = fixture.folder.appending("victim")
            try Files.makeFolder(victim, mode: 0o777)
            var tree = FileTree()
            if path.contains("/") { try tree.insert(.folder(), at: TreePath("etc")) }
            try tree.insert(.symbolicLink(to: String(repeating: "../", count: 20) + victim.string), at: TreePath(path))
            let image = try fixture.store.image(#require(try fixture.store.resolve("base")))
            let evil = try fixture.store.addImage(image.configuration, layers: image.layers + [fixture.store.addLayer(tree)])
            try fixture.store.tag(evil.digest, as: "evil")
            let request = try fixture.request("FROM evil\nWORKDIR /w\nRUN touch here")
            do {
                _ = try await fixture.builder.build(request)
            } catch let error as BuildError {
                #expect(error.code == "build.base-unsuitable")
            }
            #expect(Files.names(victim).isEmpty)
            #expect(fixture.leftovers.isEmpty)
        }
    }

    @Test(
        "what a step wrote that no layer can hold is refused at the step, and removed",
        arguments: [
            "i=0; while [ $i -lt 3000 ]; do mkdir d && cd -P d || exit 0; i=$((i+1)); done", "truncate -s 1T /sparse", "touch /.wh.x",
        ])
    func refusedLayer(command: String) async throws {
        try await BuildFixture.with { fixture in
            let request = try fixture.request("FROM base\nRUN \(command)")
            let error = await #expect(throws: BuildError.self) { try await fixture.builder.build(request) }
            #expect(error?.code == "build.layer-refused")
            #expect(error?.diagnostics.first?.location.line == 2)
            #expect(fixture.leftovers.isEmpty)
        }
    }

    @Test("two builds of the same thing at once both end well, with one image")
    func twice() async throws {
        try await BuildFixture.with { fixture in
            let request = try fixture.request("FROM base\nRUN --mount=type=cache,target=/c,sharing=locked echo x >> /c/log; touch /out")
            async let one = fixture.builder.build(request)
            async let other = fixture.builder.build(request)
            let images = try await [one.image.digest, other.image.digest]
            #expect(Set(images).count == 1)
            #expect(fixture.leftovers.isEmpty)
        }
    }
}

enum Processes {
    /// Those whose arguments have a text.
    static func running(with text: String) -> [String] {
        Files.names("/proc").filter { name in
            guard name.allSatisfy(\.isNumber) else { return false }
            let file = open("/proc/\(name)/cmdline", O_RDONLY | O_CLOEXEC)
            guard file >= 0 else { return false }
            defer { close(file) }
            var bytes = [UInt8](repeating: 0, count: 4_096)
            let count = read(file, &bytes, bytes.count)
            return count > 0 && String(decoding: bytes[..<count], as: UTF8.self).contains(text)
        }
    }
}
