import Glibc
import ImageStore
import IngotModel
import Logging
import Synchronization
import SystemPackage
import Testing

@testable import ImageBuild

@Suite("A build")
struct ImageBuilderTests {
    static let twoStages = """
        FROM base AS build
        WORKDIR /src
        COPY src/ .
        ARG WORD=hello
        RUN echo "$WORD" > out && cat a.txt >> out && chmod 750 out
        FROM scratch
        COPY --from=build --chown=5:6 /src/out /app/out
        COPY a.txt /app/
        ENV MODE=fast
        ENTRYPOINT ["/app/out"]
        CMD ["-v"]
        EXPOSE 80
        LABEL who="me"
        USER 5
        """

    @Test("runs, copies and configures")
    func all() async throws {
        try await BuildFixture.with { fixture in
            try fixture.write("src/a.txt", "a\n")
            try fixture.write("a.txt", "b\n", mode: 0o600)
            let result = try await fixture.run(Self.twoStages) { $0.tags = ["app:1"] }
            #expect(result.steps.map(\.outcome) == Array(repeating: .made, count: 5))
            #expect(try fixture.text("app/out", of: result.image) == "hello\na\n")
            let out = try #require(try fixture.file("app/out", of: result.image))
            #expect([Int(out.metadata.mode), Int(out.metadata.userID), Int(out.metadata.groupID)] == [0o750, 5, 6])
            #expect(out.metadata.modified.seconds == 1_700_000_000)
            #expect(try fixture.file("app/a.txt", of: result.image)?.metadata.mode == 0o600)
            let settings = result.image.configuration.config
            #expect(settings.entrypoint == ["/app/out"])
            #expect(settings.command == ["-v"])
            #expect(settings.user == "5")
            #expect(settings.exposedPorts?.keys.sorted() == ["80/tcp"])
            #expect(settings.environment?.last == "MODE=fast")
            #expect(settings.labels?["who"] == "me")
            #expect(settings.labels?["org.opencontainers.image.revision"] == BuildFixture.commit.commit)
            #expect(result.image.configuration.created == "2023-11-14T22:13:20.000Z")
            #expect(try fixture.store.resolve("app:1") == result.image.digest)
            #expect(fixture.leftovers.isEmpty)
        }
    }

    @Test("of an unchanged tree runs nothing and gives the same image")
    func cached() async throws {
        try await BuildFixture.with { fixture in
            try fixture.write("src/a.txt", "a\n")
            try fixture.write("a.txt", "b\n")
            let first = try await fixture.run(Self.twoStages)
            let second = try await fixture.run(Self.twoStages)
            #expect(second.isFromCache)
            #expect(second.image.digest == first.image.digest)
            let third = try await fixture.run(Self.twoStages) { $0.ignoresCache = true }
            #expect(!third.isFromCache)
            #expect(third.image.digest == first.image.digest)
        }
    }

    @Test("of the same commit in two folders and two stores gives the same digest")
    func reproducible() async throws {
        var digests: Set<Digest> = []
        for seed in 0..<2 {
            try await BuildFixture.with { fixture in
                let names = ["a.txt", "src/a.txt", "src/b/c.txt", "src/b/d.txt"]
                for name in seed == 0 ? names : names.reversed() { try fixture.write(name, name) }
                try fixture.write("Dockerfile", Self.twoStages + "\nCOPY src /src")
                try BuildFixture.git(["init", "-q"], in: fixture.context)
                try BuildFixture.git(["add", "."], in: fixture.context)
                try BuildFixture.git(["commit", "-qm", "one"], in: fixture.context)
                let result = try await fixture.builder.build(BuildRequest(contextFolder: fixture.context))
                #expect(!result.isDirty)
                #expect(result.commit?.count == 40)
                #expect(result.image.configuration.config.labels?["org.opencontainers.image.revision"] == result.commit)
                digests.insert(result.image.digest)
            }
        }
        #expect(digests.count == 1)
    }

    @Test("notices content that changed under the same size and modification time")
    func changedUnderSameTime() async throws {
        try await BuildFixture.with(base: false) { fixture in
            let dockerfile = "FROM scratch\nCOPY a.txt /"
            try fixture.write("a.txt", "one")
            let path = fixture.context.appending("a.txt").string
            let time = timespec(tv_sec: 1_600_000_000, tv_nsec: 0)
            utimensat(AT_FDCWD, path, [time, time], 0)
            let first = try await fixture.run(dockerfile)
            let file = open(path, O_WRONLY)
            #expect(Glibc.write(file, "two", 3) == 3)
            close(file)
            utimensat(AT_FDCWD, path, [time, time], 0)
            let second = try await fixture.run(dockerfile)
            #expect(second.image.digest != first.image.digest)
            #expect(try fixture.text("a.txt", of: second.image) == "two")
        }
    }

    @Test("reads a content once: the index is used the next time, and not for files younger than itself")
    func index() async throws {
        try await BuildFixture.with(base: false) { fixture in
            try fixture.write("a.txt", "one")
            let cache = try BuildCache(folder: fixture.build.appending("cache"), store: fixture.store, logger: Logger(label: "test"))
            let written = ContextIndex.now()
            // The clock of files goes on in steps; the file must be older than the reading.
            while ContextIndex.now() <= written { sched_yield() }
            try await fixture.run("FROM scratch\nCOPY a.txt /")
            #expect(cache.index(of: fixture.context).entries.count == 1)
        }
    }

    @Test("ends at a failed RUN with its place, exit code and last output, and leaves nothing behind")
    func failedRun() async throws {
        try await BuildFixture.with { fixture in
            let log = EventLog()
            let request = try fixture.request("FROM base\nRUN true\nRUN echo one; \\\n  echo two >&2; exit 7")
            let error = await #expect(throws: BuildError.self) { try await fixture.builder.build(request) { log.append($0) } }
            #expect(error?.code == "build.run-failed")
            #expect(error?.outputTail == ["one", "two"])
            #expect(error?.message.contains("Dockerfile:3:1") == true)
            #expect(error?.message.contains("exit code 7") == true)
            #expect(log.output == ["one", "two"])
            #expect(fixture.leftovers.isEmpty)
        }
    }

    @Test(
        "refuses bad input with a code and a place",
        arguments: [
            ("FROM nowhere:1", "build.base-missing", "Dockerfile:1:6"),
            ("FROM scratch\nCOPY nothing /", "build.source-missing", "Dockerfile:2:6"),
            ("FROM scratch\nCOPY ignored /", "build.source-missing", "Dockerfile:2:6"),
            ("FROM scratch\nCOPY a b /x", "build.destination-not-folder", "Dockerfile:2:1"),
            ("FROM scratch\nCOPY --chown=nobody a /x", "build.owner-missing", "Dockerfile:2:1"),
            ("FROM scratch\nCOPY --chmod=64a a /x", "build.invalid-mode", "Dockerfile:2:14"),
            ("FROM base\nUSER nobody\nRUN true", "build.user-missing", "Dockerfile:3:1"),
            ("FROM base\nCOPY folder /bin/sh", "build.destination-unsuitable", "Dockerfile:2:1"),
            ("FROM base\nCOPY a /bin/sh/x", "build.not-a-folder", "Dockerfile:2:1"),
            ("FROM scratch\nEXPOSE 99999", "build.invalid-port", "Dockerfile:2:8"),
            ("FROM base\nWORKDIR /bin/sh", "build.not-a-folder", "Dockerfile:2:9"),
        ])
    func badInput(dockerfile: String, code: String, place: String) async throws {
        try await BuildFixture.with { fixture in
            for name in ["a", "b", "ignored", "folder/x"] { try fixture.write(name, name) }
            try fixture.write(".dockerignore", "ignored\n")
            let request = try fixture.request(dockerfile)
            let error = await #expect(throws: BuildError.self) { try await fixture.builder.build(request) }
            #expect(error?.code == code)
            #expect(error?.message.hasPrefix(place + ":") == true)
            #expect(fixture.leftovers.isEmpty)
        }
    }

    @Test("without a Dockerfile or context says what is missing")
    func missing() async throws {
        try await BuildFixture.with(base: false) { fixture in
            var error = await #expect(throws: BuildError.self) { try await fixture.builder.build(BuildRequest(contextFolder: fixture.context)) }
            #expect(error?.code == "build.dockerfile-missing")
            try fixture.write("Dockerfile", "FROM scratch")
            let request = BuildRequest(contextFolder: fixture.folder.appending("nowhere"), dockerfilePath: fixture.context.appending("Dockerfile"))
            error = await #expect(throws: BuildError.self) { try await fixture.builder.build(request) }
            #expect(error?.code == "build.context-missing")
        }
    }

    @Test("gives RUN the user, groups, folder, host name, umask and variables that it should have")
    func runEnvironment() async throws {
        try await BuildFixture.with { fixture in
            let result = try await fixture.run(
                """
                FROM base
                RUN mkdir -p /w && chmod 777 /w
                ARG GIVEN=no
                ENV SEEN=1 GIVEN_TOO=${GIVEN}x
                USER app
                WORKDIR /w
                RUN id -u >> r; id -g >> r; id -G >> r; umask >> r; echo $SEEN $GIVEN $GIVEN_TOO $HOME $SOURCE_DATE_EPOCH >> r; cat /proc/sys/kernel/hostname >> r; cat .. 2>/dev/null || true
                """
            ) { $0.buildArguments = ["GIVEN": "yes"] }
            #expect(try fixture.text("w/r", of: result.image) == "1000\n1001\n1001 2000\n0022\n1 yes yesx /home/app 1000000000\nbuild\n")
        }
    }

    @Test("keeps deletions, links and modes of a RUN, and leaves the base's times alone")
    func changes() async throws {
        try await BuildFixture.with { fixture in
            try fixture.write("d/x", "x")
            let result = try await fixture.run(
                """
                FROM base
                COPY d /d/e
                RUN rm /d/e/x && ln -s /nowhere /d/link && touch /d/one && ln /d/one /d/two && chmod 4755 /d/two
                RUN rm -r /d/e && mkdir /d/e && chmod 700 /d/e
                """)
            try fixture.withFiles(result.image) { tree in
                #expect(try tree.find(["d", "e", "x"])?.size == nil)
                #expect(try tree.find(["d", "one"])?.metadata.mode == 0o4755)
                #expect(try tree.find(["d", "e"])?.metadata.mode == 0o700)
                #expect(try tree.find(["d", "e"])?.metadata.modified.seconds == 1_700_000_000)
                #expect(try tree.find(["bin"])?.metadata.modified.seconds == 1_000_000_000)
                #expect(try tree.find([])?.metadata.modified.seconds == 1_700_000_000)
                guard case .link("/nowhere")? = try tree.find(["d", "link"])?.kind else { return #expect(Bool(false)) }
            }
        }
    }

    @Test("leaves the known noise out of a layer")
    func noise() async throws {
        try await BuildFixture.with { fixture in
            let result = try await fixture.run(
                """
                FROM base
                RUN mkdir -p /var/log/apt /var/cache/apt /var/lib/dpkg && for f in /var/log/dpkg.log /var/log/apt/history.log /var/cache/apt/pkgcache.bin /var/lib/dpkg/status-old /var/lib/dpkg/status; do echo x > $f; done; echo 123 > /etc/machine-id
                """)
            try fixture.withFiles(result.image) { tree in
                let inLog = try tree.names(["var", "log"])
                #expect(inLog == ["apt"])
                let inAptLog = try tree.names(["var", "log", "apt"])
                #expect(inAptLog.isEmpty)
                let inDpkg = try tree.names(["var", "lib", "dpkg"])
                #expect(inDpkg == ["status"])
                #expect(try tree.find(["etc", "machine-id"])?.size == 0)
            }
        }
    }

    @Test("does not run what stands before the first file of the commit again for another commit")
    func otherCommit() async throws {
        try await BuildFixture.with { fixture in
            try fixture.write("a", "a")
            let dockerfile = "FROM base\nRUN echo 1 > /one\nCOPY a /a\nRUN echo 2 > /two"
            _ = try await fixture.run(dockerfile)
            let result = try await fixture.run(dockerfile) { $0.revision?.committedAtSecond += 10 }
            #expect(result.steps.map(\.outcome) == [.cached, .made, .made])
            #expect(try fixture.file("two", of: result.image)?.metadata.modified.seconds == 1_700_000_010)
        }
    }

    @Test("does not copy again when only something below changed")
    func copyIndependentOfParent() async throws {
        try await BuildFixture.with { fixture in
            try fixture.write("a", "a")
            _ = try await fixture.run("FROM base\nRUN echo 1 > /one\nCOPY a /x/a")
            let result = try await fixture.run("FROM base\nRUN echo 2 > /one\nCOPY a /x/a")
            #expect(result.steps.map(\.outcome) == [.made, .cached])
        }
    }

    @Test("never runs a stage that the target does not need")
    func unreachable() async throws {
        try await BuildFixture.with { fixture in
            let result = try await fixture.run("FROM base AS bad\nRUN exit 1\nFROM base AS test\nRUN exit 2\nFROM base\nRUN true")
            #expect(result.steps.map(\.id.stage) == [2])
            let request = try fixture.request("FROM base AS test\nRUN exit 2\nFROM base") { $0.target = "test" }
            await #expect(throws: BuildError.self) { try await fixture.builder.build(request) }
        }
    }

    @Test("of an uncommitted tree is marked")
    func dirty() async throws {
        try await BuildFixture.with(base: false) { fixture in
            try fixture.write("a", "a")
            let result = try await fixture.run("FROM scratch\nCOPY a /") { $0.revision?.isDirty = true }
            let labels = result.image.configuration.config.labels ?? [:]
            #expect(result.isDirty)
            #expect(labels[Image.dirtyLabel] == "true")
            #expect(labels["org.opencontainers.image.revision"] == nil)
        }
    }

    @Test("that is cancelled ends its containers and leaves nothing behind")
    func cancelled() async throws {
        try await BuildFixture.with { fixture in
            let request = try fixture.request("FROM base\nRUN echo started; sleep 300")
            let (started, signal) = AsyncStream.makeStream(of: Void.self)
            let build = Task {
                try await fixture.builder.build(request) { event in
                    if case .output = event { signal.yield() }
                }
            }
            for await _ in started { break }
            build.cancel()
            await #expect(throws: (any Error).self) { try await build.value }
            #expect(fixture.leftovers.isEmpty)
        }
    }

    @Test("that takes longer than its deadline is ended")
    func deadline() async throws {
        try await BuildFixture.with { fixture in
            let request = try fixture.request("FROM base\nRUN sleep 300") { $0.deadline = 300 }
            let error = await #expect(throws: BuildError.self) { try await fixture.builder.build(request) }
            #expect(error?.code == "build.deadline-passed")
            #expect(fixture.leftovers.isEmpty)
        }
    }

    @Test("cleans up after builders that died")
    func deadBuilders() async throws {
        try await BuildFixture.with { fixture in
            let dead = fixture.build.appending("tmp/deadbeef/0.0")
            try Files.makeFolders(dead.appending("root"))
            try Files.makeFolder(dead.appending("sub"))
            #expect(mount(dead.appending("sub").string, dead.appending("root").string, "", UInt(MS_BIND), nil) == 0)
            try await fixture.run("FROM scratch")
            #expect(fixture.leftovers.isEmpty)
        }
    }

    @Test("builds an image without layers, and one from an image by digest")
    func fromDigest() async throws {
        try await BuildFixture.with(base: false) { fixture in
            let empty = try await fixture.run("FROM scratch\nENV A=1\nSTOPSIGNAL SIGINT\nHEALTHCHECK --interval=5s CMD true")
            #expect(empty.image.layers.isEmpty)
            #expect(empty.image.configuration.config.healthcheck == .init(test: ["CMD-SHELL", "true"], interval: 5_000_000_000))
            let child = try await fixture.run("FROM \(empty.image.digest)\nENV A=2 B=$A")
            #expect(child.image.configuration.config.environment?.suffix(2) == ["A=2", "B=1"])
            #expect(child.image.configuration.history.count == 4)
        }
    }

    @Test("ignores a cached result whose layer is gone from the store")
    func lostLayer() async throws {
        try await BuildFixture.with(base: false) { fixture in
            try fixture.write("a", "a")
            let first = try await fixture.run("FROM scratch\nCOPY a /")
            try fixture.store.unmountAll()
            for layer in try fixture.store.retainedLayers() { try fixture.store.release(layer: layer.diffID) }
            _ = try fixture.store.collectGarbage(pinned: [])
            let second = try await fixture.run("FROM scratch\nCOPY a /")
            #expect(!second.isFromCache)
            #expect(second.image.digest == first.image.digest)
        }
    }

    @Test("has the configuration that it always had")
    func golden() async throws {
        try await BuildFixture.with(base: false) { fixture in
            try fixture.write("a/b.txt", "content")
            let result = try await fixture.run("FROM scratch\nCOPY a/b.txt /a/b.txt\nENV A=1\nLABEL l=m\nCMD [\"/x\"]") {
                $0.title = "golden"
            }
            let layer = try #require(result.image.layers.first)
            // The configuration names the layer by its uncompressed content; a change here changes every user's digests.
            #expect(layer.diffID.short == "ab7f43665bd5")
            #if arch(x86_64)
                #expect(result.image.manifest.config.digest.short == "126abbc509db")
            #endif
        }
    }

    @Test("of 2,000 files from the cache reads names and status only")
    func manyFiles() async throws {
        try await BuildFixture.with(base: false) { fixture in
            for index in 0..<2_000 { try fixture.writeQuickly("src/\(index / 100)/\(index).txt", "\(index)") }
            let first = try await fixture.run("FROM scratch\nCOPY . /src")
            let second = try await fixture.run("FROM scratch\nCOPY . /src")
            #expect(second.isFromCache)
            #expect(second.image.digest == first.image.digest)
        }
    }

    @Test("runs stages that do not depend on each other at the same time")
    func parallel() async throws {
        guard sysconf(CInt(_SC_NPROCESSORS_ONLN)) > 1 else { return }
        try await BuildFixture.with { fixture in
            let request = try fixture.request(
                "FROM base AS a\nRUN sleep 1; echo a > /a\nFROM base AS b\nRUN sleep 1; echo b > /b\nFROM scratch\nCOPY --from=a /a /\nCOPY --from=b /b /"
            )
            let log = StepLog()
            _ = try await fixture.builder.build(request) { log.append($0) }
            #expect(Set(log.steps.prefix(2)) == ["+0.0", "+1.0"])
        }
    }

    @Test("on a disk that is full fails, says so, and leaves nothing half done")
    func fullDisk() async throws {
        try await BuildFixture.with(base: false) { fixture in
            let disk = fixture.folder.appending("disk")
            try Files.makeFolder(disk)
            let failed = "size=2m,mode=755".withCString { mount("tmpfs", disk.string, "tmpfs", 0, $0) }
            #expect(failed == CInt(0))
            let store = try ImageStore(root: disk.appending("root"))
            let builder = ImageBuilder(store: store, cacheFolder: disk.appending("root/build"), logger: Logger(label: "test"))
            var random = SeededGenerator(seed: 1)
            try fixture.write("large", String((0..<3_000_000).map { _ in Character(UnicodeScalar(UInt8(32 + random.next(upTo: 90)))) }))
            let request = try fixture.request("FROM scratch\nCOPY large /")
            let error = await #expect(throws: StoreError.self) { try await builder.build(request) }
            #expect(error?.code == "store.disk-full")
            #expect(Files.names(disk.appending("root/build/tmp")) == ["lock"])
            #expect(Files.names(disk.appending("root/store/tmp")).isEmpty)
        }
    }
}

/// When steps started and ended.
final class StepLog: Sendable {
    private let lines = Mutex<[String]>([])

    func append(_ event: BuildEvent) {
        switch event {
        case .stepStarted(let id, _, _): lines.withLock { $0.append("+\(id)") }
        case .stepEnded(let step): lines.withLock { $0.append("-\(step.id)") }
        default: break
        }
    }

    var steps: [String] { lines.withLock { $0 } }
}
