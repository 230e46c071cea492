import ContainerRuntime
import Glibc
import ImageStore
import IngotModel
import SystemPackage
import Testing

@testable import ImageBuild

@Suite("A RUN")
struct RunStepTests {
    @Test("reads here documents as the shell does, or is the script that one holds")
    func documents() async throws {
        try await BuildFixture.with { fixture in
            let result = try await fixture.run(
                """
                FROM base
                ARG V=arg
                RUN <<EOF
                echo "one $V" >> /out
                EOF
                RUN cat <<A - <<"B" >> /out && echo end >> /out
                first $V
                A
                second $V
                B
                RUN <<-SCRIPT
                \t#!/bin/sh
                \techo "$0" >> /out
                \tSCRIPT
                SHELL ["/bin/sh", "-ec"]
                RUN <<EOF
                echo ${-##*e*}e >> /out
                EOF
                """)
            let text = try fixture.text("out", of: result.image)
            #expect(text == "one arg\nsecond $V\nend\n/dev/pipes/SCRIPT\ne\n", "\(text)")
            #expect(try fixture.file("dev/pipes", of: result.image) == nil)
        }
    }

    @Test("has no network but lo when it or the build says so, and the key tells them apart")
    func network() async throws {
        try await BuildFixture.with { fixture in
            let none = "FROM base\nRUN --network=none cat /proc/net/dev > /out"
            let result = try await fixture.run(none)
            let lines = try fixture.text("out", of: result.image).split(separator: "\n").dropFirst(2)
            #expect(lines.count == 1 && lines.first?.contains("lo:") == true)
            let plain = "FROM base\nRUN cat /proc/net/dev > /out"
            #expect(try await fixture.run(plain) { $0.network = .none }.isFromCache)
            #expect(try await !fixture.run(plain).isFromCache)
            #expect(try await fixture.run("FROM base\nRUN --network=host cat /proc/net/dev > /out").steps.map(\.outcome) == [.cached])
        }
    }

    @Test("has Docker's rights, its own processes, and no descriptor of the builder")
    func rights() async throws {
        try await BuildFixture.with { fixture in
            let result = try await fixture.run(
                """
                FROM base
                RUN <<EOF
                ls /proc/self/fd > /out
                while read name value rest; do case $name in CapEff:|CapBnd:|Seccomp:|NoNewPrivs:) echo $name $value >> /out;; esac; done < /proc/self/status
                for p in /proc/[0-9]*; do echo $p >> /out; done
                if mount -t tmpfs x /tmp 2>/dev/null || mknod /x b 8 0 2>/dev/null && cat /x >/dev/null 2>&1; then echo device >> /out; fi
                if echo 1 2>/dev/null > /proc/sys/kernel/hostname; then echo sysctl >> /out; fi
                if cat /proc/kcore 2>/dev/null | dd of=/dev/null count=1 2>/dev/null && [ -s /proc/kcore ]; then echo kcore >> /out; fi
                rm -f /x
                EOF
                """)
            let lines = try fixture.text("out", of: result.image).split(separator: "\n").map(String.init)
            // The fourth is the folder that ls reads.
            #expect(lines.prefix(4) == ["0", "1", "2", "3"])
            #expect(
                lines.dropFirst(4).prefix(4) == ["NoNewPrivs: 0", "Seccomp: 2", "CapEff: 00000000a80425fb", "CapBnd: 00000000a80425fb"]
                    || Set(lines.dropFirst(4).prefix(4)) == ["CapEff: 00000000a80425fb", "CapBnd: 00000000a80425fb", "NoNewPrivs: 0", "Seccomp: 2"])
            #expect(lines.dropFirst(8) == ["/proc/1"], "\(lines)")
        }
    }

    @Test("with every right, where the build allows it, is carried out")
    func insecure() async throws {
        try await BuildFixture.with { fixture in
            let result = try await fixture.run(
                "FROM base\nRUN --security=insecure while read name value rest; do case $name in CapEff:|Seccomp:) echo $name $value >> /out;; esac; done < /proc/self/status"
            ) { $0.allowsInsecure = true }
            let text = try fixture.text("out", of: result.image)
            #expect(text.contains("Seccomp: 0") && !text.contains("a80425fb"))
        }
    }

    @Test("sees names of hosts that no layer keeps, added ones too, whatever the base has there")
    func hosts() async throws {
        try await BuildFixture.with { fixture in
            let result = try await fixture.run(
                """
                FROM base AS odd
                RUN mkdir -p /etc/x && ln -s ../run/none/resolv.conf /etc/resolv.conf.new && ln -s /etc/hosts /h
                FROM odd
                RUN cat /etc/hosts /etc/hostname > /out && ls /etc >> /out
                """
            ) { $0.addedHosts = ["db": "10.0.0.7"] }
            let text = try fixture.text("out", of: result.image)
            #expect(text.contains("10.0.0.7\tdb\n") && text.contains("\nbuild\n"))
            for name in ["hosts", "hostname", "resolv.conf"] { #expect(try fixture.file("etc/\(name)", of: result.image) == nil, "\(name)") }
        }
    }

    @Test("keeps the image's own link where names of hosts are asked for")
    func resolverLink() async throws {
        try await BuildFixture.with { fixture in
            var tree = FileTree()
            try tree.insert(.symbolicLink(to: "../run/systemd/resolve/stub-resolv.conf"), at: TreePath("etc/resolv.conf"))
            let base = try #require(try fixture.store.resolve("base"))
            let image = try fixture.store.image(base)
            let linked = try fixture.store.addImage(image.configuration, layers: image.layers + [fixture.store.addLayer(tree)])
            try fixture.store.tag(linked.digest, as: "linked")
            let result = try await fixture.run("FROM linked\nRUN cat /etc/resolv.conf > /dev/null && touch /out")
            guard case .link = try fixture.file("etc/resolv.conf", of: result.image)?.kind else {
                Issue.record("the link is gone")
                return
            }
            #expect(try fixture.file("run", of: result.image) == nil)
        }
    }

    @Test("is ended when its time is over, told with the last it printed")
    func deadline() async throws {
        try await BuildFixture.with { fixture in
            let request = try fixture.request("FROM base\nRUN echo begun; sleep 300 & sleep 300") { $0.stepDeadline = 700 }
            let error = await #expect(throws: BuildError.self) { try await fixture.builder.build(request) }
            #expect(error?.code == "build.run-failed")
            #expect(error?.outputTail == ["begun"])
            #expect(error?.diagnostics.first?.location.line == 2)
            #expect(fixture.leftovers.isEmpty)
        }
    }

    @Test("may not use more memory than the build says")
    func memoryLimit() async throws {
        try await BuildFixture.with { fixture in
            let request = try fixture.request("FROM base\nRUN x=x; while :; do x=$x$x; done") { $0.memoryLimit = .mebibytes(16) }
            let error = await #expect(throws: BuildError.self) { try await fixture.builder.build(request) }
            #expect(error?.message.contains("memory") == true)
        }
    }

    @Test("that failed is shown with its files, mounts and variables before it is cleared away, once")
    func interactive() async throws {
        try await BuildFixture.with { fixture in
            try Files.write(Array("k".utf8), to: fixture.folder.appending("secret"))
            let request = try fixture.request("FROM base\nENV E=env\nWORKDIR /w\nRUN --mount=type=secret,id=s echo left > half; exit 9") {
                $0.secrets = ["s": .file(fixture.folder.appending("secret"))]
                $0.interactiveOnError = { step in
                    #expect(step.error.message.contains("exit code 9"))
                    let output = fixture.folder.appending("shown")
                    let file = open(output.string, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
                    let input = open("/dev/null", O_RDONLY | O_CLOEXEC)
                    defer { for descriptor in [file, input] { close(descriptor) } }
                    let status = try await step.run(["/bin/sh", "-c", "cat half /run/secrets/s; echo $E; exit 5"], input: input, output: file)
                    #expect(status == .code(5))
                }
            }
            let error = await #expect(throws: BuildError.self) { try await fixture.builder.build(request) }
            #expect(error?.code == "build.run-failed")
            #expect(try Files.read(fixture.folder.appending("shown"), limit: 100) == Array("left\nkenv\n".utf8))
            #expect(fixture.leftovers.isEmpty)
        }
    }

    @Test("changes all names of a hard link of the image, one after the other too")
    func hardLinks() async throws {
        try await BuildFixture.with { fixture in
            let result = try await fixture.run(
                """
                FROM base
                RUN mkdir /d /e && echo x > /d/a && ln /d/a /e/b && ln /d/a /d/c && echo y > /y1 && ln /y1 /y2 && echo z > /z1 && ln /z1 /z2
                RUN chmod 741 /d/a && chmod 600 /y1 && chmod 600 /y2 && rm /z1 && echo new > /z1
                """)
            for path in ["d/a", "e/b", "d/c"] { #expect(try fixture.file(path, of: result.image)?.metadata.mode == 0o741, "\(path)") }
            #expect(try fixture.text("z2", of: result.image) == "z\n")
            let layer = try #require(result.image.layers.last)
            let tree = try fixture.store.readArchive(
                fixture.store.folder.appending("blobs").appending("sha256").appending(layer.blob.digest.hex))
            #expect(tree.find(try TreePath("e/b")) == tree.find(try TreePath("d/a")))
            #expect(tree.find(try TreePath("y1")) == tree.find(try TreePath("y2")))
            #expect(tree.node(at: try TreePath("e"))?.metadata.mode == 0o755)
        }
    }

    @Test("sees through the other names what it writes through one name of a hard link of the image")
    func hardLinkWritten() async throws {
        try await BuildFixture.with { fixture in
            try fixture.write("own", "own")
            let result = try await fixture.run(
                """
                FROM base
                RUN mkdir /d && echo old > /d/a && ln /d/a /b && echo kept > /k1 && ln /k1 /k2
                COPY own /own
                RUN echo new >> /d/a && cat /b > /seen && echo newer >> /b && cat /d/a >> /seen && rm /k1
                """)
            #expect(try fixture.text("seen", of: result.image) == "old\nnew\nold\nnew\nnewer\n")
            for path in ["d/a", "b"] { #expect(try fixture.text(path, of: result.image) == "old\nnew\nnewer\n", "\(path)") }
            #expect(try fixture.text("k2", of: result.image) == "kept\n")
            let layer = try #require(result.image.layers.last)
            let tree = try fixture.store.readArchive(
                fixture.store.folder.appending("blobs").appending("sha256").appending(layer.blob.digest.hex))
            #expect(tree.find(try TreePath("d/a")) == tree.find(try TreePath("b")))
            #expect(tree.node(at: try TreePath("k1"))?.isWhiteout == true)
            #expect(tree.entries().map { "\($0.path)" } == ["/", "/b", "/d", "/d/a", "/k1", "/seen"])
        }
    }

    @Test("keeps sparse files small on the disk, and empties the lists of logins")
    func sparse() async throws {
        try await BuildFixture.with { fixture in
            let result = try await fixture.run(
                "FROM base\nRUN mkdir -p /var/log && truncate -s 500G /var/log/lastlog && truncate -s 300M /sparse && echo x >> /sparse && mknod /c c 1 3"
            )
            #expect(try fixture.file("var/log/lastlog", of: result.image)?.size == 0)
            #expect(try fixture.file("sparse", of: result.image)?.size == 300 << 20 + 2)
            #expect(Files.size(of: fixture.store.folder) < 100 << 20)
            guard case .other = try fixture.file("c", of: result.image)?.kind else {
                Issue.record("no device")
                return
            }
        }
    }

    @Test("keeps what it writes into a volume")
    func volume() async throws {
        try await BuildFixture.with { fixture in
            let result = try await fixture.run("FROM base\nVOLUME /data\nRUN mkdir -p /data && echo kept > /data/x")
            #expect(try fixture.text("data/x", of: result.image) == "kept\n")
        }
    }

    @Test("finds its WORKDIR made for its user, with the folders it is in, and one that was there unchanged")
    func workingFolder() async throws {
        try await BuildFixture.with { fixture in
            let result = try await fixture.run(
                """
                FROM base
                RUN mkdir -p -m 700 /there && ln -s there /link
                USER app
                WORKDIR /made/deep
                WORKDIR /link
                USER root
                WORKDIR new
                RUN stat -c '%n %u:%g %a' /made /made/deep /there /there/new . > /out
                """)
            let text = try fixture.text("out", of: result.image)
            #expect(text == "/made 1000:1001 755\n/made/deep 1000:1001 755\n/there 0:0 700\n/there/new 0:0 755\n. 0:0 755\n", "\(text)")
            let request = try fixture.request("FROM base\nWORKDIR /bin/sh/x")
            let error = await #expect(throws: BuildError.self) { try await fixture.builder.build(request) }
            #expect(error?.code == "build.not-a-folder")
            #expect(error?.diagnostics.first?.location.line == 2)
        }
    }
}
