import Foundation
import Glibc
import ImageStore
import IngotModel
import SystemPackage
import Testing

@testable import ImageBuild

@Suite("RUN --mount in a build")
struct RunMountBuildTests {
    /// What the last layer has: paths in canonical order.
    private func paths(_ result: BuildResult, _ fixture: BuildFixture) throws -> [String] {
        guard let layer = result.image.layers.last else { return [] }
        let blob = fixture.store.folder.appending("blobs").appending("sha256").appending(layer.blob.digest.hex)
        return try fixture.store.readArchive(blob).entries().dropFirst().map { "\($0.path)" }
    }

    @Test("binds files of the context, of a stage and of an image, read-only, and leaves no mount point")
    func bind() async throws {
        try await BuildFixture.with { fixture in
            try fixture.write("src/a.txt", "a\n")
            try fixture.write("src/hidden", "h")
            try fixture.write(".dockerignore", "src/hidden\n")
            let result = try await fixture.run(
                """
                FROM base AS tools
                RUN echo tool > /tool
                FROM base
                RUN --mount=target=/in/deep,source=src --mount=from=tools,source=/tool,target=/t --mount=from=base,target=/base <<EOF
                set -e
                ls /in/deep > /out; cat /in/deep/a.txt /t >> /out; ls /base/bin/sh >> /out
                stat -c '%u %Y %a' /in/deep/a.txt >> /out
                if echo x 2>/dev/null > /in/deep/new; then echo written >> /out; fi
                EOF
                """)
            #expect(try fixture.text("out", of: result.image) == "a.txt\na\ntool\n/base/bin/sh\n0 1000000000 644\n")
            #expect(try paths(result, fixture) == ["/out"])
            #expect(fixture.leftovers.isEmpty)
        }
    }

    @Test("binds a named context, and begins a cache with one") func namedContext() async throws {
        try await BuildFixture.with { fixture in
            let folder = fixture.folder.appending("named")
            try Files.makeFolders(folder.appending("d"))
            try Files.write(Array("named".utf8), to: folder.appending("d").appending("[f]"))
            let result = try await fixture.run(
                "FROM base\nRUN --mount=from=n,source=d/[f],target=/in --mount=type=cache,from=n,source=d,target=/c cat /in /c/* > /out"
            ) { $0.namedContexts = ["n": .folder(folder)] }
            #expect(try fixture.text("out", of: result.image) == "namednamed")
        }
    }

    @Test("lets a step write to a bind that is not read-only, and throws that away")
    func bindWritable() async throws {
        try await BuildFixture.with { fixture in
            try fixture.write("src/a.txt", "a\n")
            let result = try await fixture.run(
                "FROM base\nRUN --mount=target=/in,rw echo b >> /in/src/a.txt && touch /in/new && cat /in/src/a.txt > /out && ls /in > /list")
            #expect(try fixture.text("out", of: result.image) == "a\nb\n")
            #expect(try fixture.text("list", of: result.image) == "Dockerfile\nnew\nsrc\n")
            #expect(try paths(result, fixture) == ["/list", "/out"])
            #expect(try Files.read(fixture.context.appending("src").appending("a.txt"), limit: 10) == Array("a\n".utf8))
        }
    }

    @Test("runs again when a bound file changed, and not when another commit has the same files")
    func bindKey() async throws {
        try await BuildFixture.with { fixture in
            try fixture.write("a", "1")
            try fixture.write("other", "1")
            let dockerfile = "FROM base\nRUN --mount=source=a,target=/in cat /in > /out"
            _ = try await fixture.run(dockerfile)
            try fixture.write("other", "2")
            #expect(try await fixture.run(dockerfile) { $0.revision?.committedAtSecond += 60 }.isFromCache)
            try fixture.write("a", "2")
            let changed = try await fixture.run(dockerfile)
            #expect(!changed.isFromCache)
            #expect(try fixture.text("out", of: changed.image) == "2")
        }
    }

    @Test("keeps a cache from build to build, with its owner and mode, and its content out of the layer and the key")
    func cache() async throws {
        try await BuildFixture.with { fixture in
            let dockerfile = "FROM base\nARG N\nRUN --mount=type=cache,target=/root/.cache/x,uid=7,gid=8,mode=0750 "
            let flags = "echo $N >> /root/.cache/x/log; cat /root/.cache/x/log > /out; stat -c '%u %g %a' /root/.cache/x >> /out"
            _ = try await fixture.run(dockerfile + flags) { $0.buildArguments = ["N": "1"] }
            let second = try await fixture.run(dockerfile + flags) { $0.buildArguments = ["N": "2"] }
            #expect(try fixture.text("out", of: second.image) == "1\n2\n7 8 750\n")
            #expect(try paths(second, fixture) == ["/out"])
            #expect(try await fixture.run(dockerfile + flags) { $0.buildArguments = ["N": "1"] }.isFromCache)
            let caches = CacheMounts(folder: fixture.build.appending("mounts"))
            #expect(try caches.list().map(\.id) == ["/root/.cache/x"])
            #expect(fixture.leftovers.isEmpty)
        }
    }

    @Test("leaves a layer out when a step only used mounts")
    func nothing() async throws {
        try await BuildFixture.with { fixture in
            let result = try await fixture.run("FROM base\nRUN --mount=type=cache,target=/tmp/a/b --mount=type=tmpfs,target=/etc/x touch /tmp/a/b/c")
            #expect(result.image.layers.count == 1)
            #expect(result.steps.first?.layer == nil)
        }
    }

    @Test("begins a cache with the files of another stage")
    func cacheFrom() async throws {
        try await BuildFixture.with { fixture in
            let result = try await fixture.run(
                """
                FROM base AS seed
                RUN mkdir -p /seed/d && echo s > /seed/d/f && chown 5:6 /seed/d && ln -s d /seed/l && chmod 700 /seed
                FROM base
                RUN --mount=type=cache,id=seeded,from=seed,source=/seed,target=/c cat /c/l/f > /out && stat -c '%u %g' /c/d >> /out && stat -c %a /c >> /out
                """)
            #expect(try fixture.text("out", of: result.image) == "s\n5 6\n700\n")
        }
    }

    @Test("gives memory that is gone afterwards, of the size that was asked for")
    func memory() async throws {
        try await BuildFixture.with { fixture in
            let result = try await fixture.run(
                "FROM base\nRUN --mount=type=tmpfs,target=/t,size=1m cat /proc/mounts | while read d p t o; do if [ $p = /t ]; then echo $t $o; fi; done > /out; if dd if=/dev/zero of=/t/x bs=65536 count=32 2>/dev/null; then echo big >> /out; fi"
            )
            let text = try fixture.text("out", of: result.image)
            #expect(text.hasPrefix("tmpfs ") && text.contains("nosuid,nodev") && text.contains("size=1024k"))
            #expect(!text.contains("big"))
            #expect(try paths(result, fixture) == ["/out"])
        }
    }

    @Test("gives a secret as a file and as a variable, and keeps its value out of layer, history, key and output")
    func secret() async throws {
        try await BuildFixture.with { fixture in
            let value = "s3cr3t-\(UInt64.random(in: 0 ... .max))"
            try Files.write(Array("\(value)\n".utf8), to: fixture.folder.appending("secret"))
            let log = EventLog()
            let request = try fixture.request(
                """
                FROM base
                RUN --mount=type=secret,id=a,uid=1000 --mount=type=secret,id=b,env=B --mount=type=secret,id=c <<EOF
                set -e
                stat -c '%u %g %a' /run/secrets/a > /out; cat /run/secrets/a; echo "env $B"; cat /run/secrets/a | while read l; do echo -n "${l}"; echo; done
                if [ -e /run/secrets/b ] || [ -e /run/secrets/c ]; then exit 3; fi
                if echo x 2>/dev/null > /run/secrets/a; then exit 4; fi
                EOF
                """)
            var changed = request
            changed.secrets = ["a": .file(fixture.folder.appending("secret")), "b": .file(fixture.folder.appending("secret"))]
            let result = try await fixture.builder.build(changed) { log.append($0) }
            #expect(log.output == ["***", "env ***", "", "***"])
            #expect(try fixture.text("out", of: result.image) == "1000 0 400\n")
            #expect(try paths(result, fixture) == ["/out"])
            let found = try Found.files(holding: value, below: fixture.folder).filter { !$0.hasSuffix("/secret") }
            #expect(found.isEmpty)
            #expect(try await fixture.builder.build(request).isFromCache)
        }
    }

    @Test("shows no secret in the error of a step that failed, and leaves none in memory")
    func failedSecret() async throws {
        try await BuildFixture.with { fixture in
            try Files.write(Array("hunter2hunter2".utf8), to: fixture.folder.appending("secret"))
            let request = try fixture.request("FROM base\nRUN --mount=type=secret,id=a,env=A echo \"is $A\"; exit 1") {
                $0.secrets = ["a": .file(fixture.folder.appending("secret"))]
            }
            let error = await #expect(throws: BuildError.self) { try await fixture.builder.build(request) }
            #expect(error?.outputTail == ["is ***"])
            #expect(error.map { "\($0)" }?.contains("hunter2") == false)
            #expect(fixture.leftovers.isEmpty)
        }
    }

    @Test(
        "fails with a place where something is needed that was not given",
        arguments: [
            ("--mount=type=secret,id=a,required", "build.secret-missing"), ("--mount=type=ssh,required", "build.ssh-agent-missing"),
            ("--mount=source=nowhere,target=/x", "build.source-missing"), ("--mount=from=base,source=/nowhere,target=/x", "build.source-missing"),
            ("--mount=from=nowhere,target=/x", "build.base-missing"), ("--mount=type=cache,target=/bin/sh", "build.mount-target-unsuitable"),
            ("--mount=type=tmpfs,target=/bin/sh/x", "build.mount-target-unsuitable"), ("--security=insecure", "build.insecure-not-allowed"),
        ])
    func missing(flag: String, code: String) async throws {
        try await BuildFixture.with { fixture in
            let request = try fixture.request("FROM base\nRUN \(flag) true")
            let error = await #expect(throws: BuildError.self) { try await fixture.builder.build(request) }
            #expect(error?.code == code)
            #expect(error?.diagnostics.first?.location.line == 2)
            #expect(fixture.leftovers.isEmpty)
        }
    }
}

/// Files that hold some text, anywhere in them.
enum Found {
    static func files(holding text: String, below folder: FilePath) throws -> [String] {
        var found: [String] = []
        for name in Files.names(folder) {
            let path = folder.appending(name)
            var status = stat()
            guard lstat(path.string, &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                found += try files(holding: text, below: path)
            } else if status.st_mode & S_IFMT == S_IFREG, let bytes = try Files.read(path, limit: 1 << 30) {
                if Data(bytes).range(of: Data(text.utf8)) != nil { found.append(path.string) }
            }
        }
        return found
    }
}
