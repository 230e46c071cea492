import Foundation
import Glibc
import ImageStore
import IngotModel
import NIOHTTP1
import SystemPackage
import Testing

@testable import ImageBuild

@Suite("ADD")
struct AddTests {
    static let archive = TarFile.make {
        $0.addFolder("./", mode: 0o700)
        $0.addFolder("d", mode: 0o750, owner: 5)
        $0.add("d/f", "f", mode: 0o4755, owner: 5)
        $0.addHardLink("d/g", to: "d/f")
        $0.addLink("l", to: "d")
        $0.add("l/through", "t")
    }

    static func compress(_ path: FilePath, by command: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [command, "-1", "-f", "-k", path.string]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }

    @Test("unpacks archives by their content, whatever they are called", arguments: ["", "gzip .gz", "bzip2 .bz2", "xz .xz", "zstd .zst"])
    func archives(compression: String) async throws {
        try await BuildFixture.with(base: false) { fixture in
            let plain = fixture.context.appending("plain")
            try Files.write(Self.archive, to: plain)
            let parts = compression.split(separator: " ").map(String.init)
            if parts.count == 2 { try Self.compress(plain, by: parts[0]) }
            #expect(rename(plain.string + (parts.last ?? ""), fixture.context.appending("name").string) == 0)
            let image = try await fixture.run("FROM scratch\nADD --chmod=600 name /t/\nADD --chown=7:8 name /o/\nADD --unpack=false name /raw").image
            #expect(try CopyTests.mode("t", image, fixture) == "600 0:0")
            #expect(try CopyTests.mode("t/d", image, fixture) == "750 5:5")
            #expect(try CopyTests.mode("t/d/f", image, fixture) == "4755 5:5")
            #expect(try CopyTests.mode("o/d/f", image, fixture) == "4755 7:8")
            #expect(try CopyTests.linkCount("t/d/g", image, fixture) == 2)
            #expect(try fixture.text("t/d/through", of: image) == "t")
            #expect(try fixture.file("t/d/f", of: image)?.metadata.modified.seconds == 1_700_000_000)
            #expect(try fixture.file("raw", of: image)?.isFolder == false)
        }
    }

    @Test("copies what is compressed and no archive, and what is nothing but zeros, as it is", arguments: ["text", "zeros"])
    func noArchive(kind: String) async throws {
        try await BuildFixture.with(base: false) { fixture in
            let file = fixture.context.appending("f")
            try Files.write(kind == "text" ? Array(repeating: 65, count: 2000) : Array(repeating: 0, count: 2048), to: file)
            try Self.compress(file, by: "gzip")
            let image = try await fixture.run("FROM scratch\nADD f f.gz /d/").image
            #expect(try CopyTests.names(image, fixture) == ["d", "d/f", "d/f.gz"])
        }
    }

    @Test("unpacks over what is there: folders are merged, the rest is replaced, links lead below the destination")
    func merge() async throws {
        try await BuildFixture.with { fixture in
            let archive = TarFile.make {
                $0.add("door/in", "in")
                $0.addFolder("was-link")
                $0.add("was-folder", "now a file")
                $0.addFolder("kept", mode: 0o711)
            }
            try Files.write(archive, to: fixture.context.appending("a"))
            let image = try await fixture.run(
                """
                FROM base
                RUN mkdir -p /t/was-folder/x /t/kept /t/etc && ln -s /etc /t/door && ln -s kept /t/was-link && touch /t/kept/file
                ADD a /t
                """
            ).image
            #expect(try fixture.text("t/etc/in", of: image) == "in")
            #expect(try fixture.file("etc/in", of: image) == nil)
            #expect(try fixture.file("t/was-link", of: image)?.isFolder == true)
            #expect(try fixture.text("t/was-folder", of: image) == "now a file")
            #expect(try CopyTests.mode("t/kept", image, fixture) == "711 0:0")
            #expect(try fixture.file("t/kept/file", of: image) != nil)
        }
    }

    // MARK: Downloads

    @Test("downloads a file under its name, asks again with what it knows, and unpacks it only when told")
    func download() async throws {
        try await BuildFixture.with(base: false) { fixture in
            try await TestServer.with { path, headers in
                if path == "/moved" { return .init(status: 302, headers: ["location": "/x/a.tar"]) }
                if headers.first(name: "if-none-match") == "\"one\"" { return .init(status: 304) }
                return .init(headers: ["etag": "\"one\""], body: Self.archive)
            } _: { server, address in
                let dockerfile =
                    "FROM scratch\nADD \(address)/x/a.tar?q=1 /d/\nADD --chmod=755 \(address)/moved /m\nADD --unpack=true \(address)/x/a.tar /u/"
                let first = try await fixture.run(dockerfile)
                #expect(try CopyTests.mode("d/a.tar", first.image, fixture) == "600 0:0")
                #expect(try fixture.file("d/a.tar", of: first.image)?.metadata.modified.seconds == Int64(SourceRevision.undatedSecond))
                #expect(try CopyTests.mode("m", first.image, fixture) == "755 0:0")
                #expect(try fixture.text("u/d/f", of: first.image) == "f")
                let second = try await fixture.run(dockerfile)
                #expect(second.isFromCache && second.image.digest == first.image.digest)
                #expect(server.requests.contains("/x/a.tar if-none-match \"one\""))
            }
        }
    }

    @Test("holds a download against its checksum, and asks for nothing that it has")
    func checksum() async throws {
        try await BuildFixture.with(base: false) { fixture in
            try await TestServer.with { _, _ in
                .init(body: Array("hello".utf8))
            } _: { server, address in
                let digest = "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
                let image = try await fixture.run("FROM scratch\nADD --checksum=\(digest) \(address)/h /").image
                #expect(try fixture.text("h", of: image) == "hello")
                try await fixture.run("FROM scratch\nADD --checksum=\(digest) \(address)/h /other")
                #expect(server.requests == ["/h"])
                let wrong = "sha256:" + String(repeating: "0", count: 64)
                let error = await #expect(throws: BuildError.self) { try await fixture.run("FROM scratch\nADD --checksum=\(wrong) \(address)/h /") }
                #expect(error?.code == "build.checksum-mismatch")
                #expect(error?.diagnostics.first?.location.line == 2)
            }
        }
    }

    @Test(
        "refuses a download that can't be",
        arguments: [
            ("ADD URL/missing /", "build.download-failed"), ("ADD URL/loop /", "build.download-failed"),
            ("ADD --checksum=md5:1 URL/a /", "build.invalid-checksum"),
            ("COPY URL/a /", "build.source-unsuitable"), ("ADD --checksum=sha256:0 f /", "build.checksum-unsuitable"),
        ])
    func badDownload(instruction: String, code: String) async throws {
        try await BuildFixture.with(base: false) { fixture in
            try fixture.write("f", "f")
            try await TestServer.with { path, _ in
                path == "/loop" ? .init(status: 301, headers: ["location": "/loop"]) : .init(status: 404)
            } _: { _, address in
                let dockerfile = "FROM scratch\n" + instruction.replacingOccurrences(of: "URL", with: address)
                let error = await #expect(throws: BuildError.self) { try await fixture.run(dockerfile) }
                #expect(error?.code == code)
                #expect(fixture.leftovers.isEmpty)
            }
        }
    }

    @Test("ends a download that is larger than its limit, and keeps nothing of it")
    func largeDownload() async throws {
        try await BuildFixture.with(base: false) { fixture in
            try await TestServer.with { _, _ in
                .init(body: [UInt8](repeating: 1, count: 5000))
            } _: { _, address in
                var downloads = Downloads(folder: fixture.folder.appending("downloads"))
                downloads.limits.bytes = 4999
                let url = try #require(DownloadAddress("\(address)/a"))
                let error = await #expect(throws: BuildError.self) { try await downloads.fetch(url, checksum: nil) }
                #expect(error?.code == "build.download-failed")
                #expect(Files.names(downloads.folder).isEmpty)
            }
        }
    }

    @Test(
        "names a download after its path",
        arguments: [
            ("https://h/a/b.txt?x#y", "b.txt"), ("https://h", "__unnamed__"), ("https://h/", "__unnamed__"), ("https://h/a/..", "__unnamed__"),
            ("https://h/%2e%2e", "__unnamed__"), ("https://h/a%2fb", "b"), ("http://h/a/", "a"),
        ])
    func fileName(text: String, name: String) { #expect(DownloadAddress(text)?.fileName == name) }

    // MARK: Git

    /// A repository beside the context: branch `main` with `a`, `d/b` and a link `out`, tag `v1` one commit before.
    static func repository(_ fixture: BuildFixture) throws -> String {
        let folder = fixture.folder.appending("x.git")
        try Files.makeFolders(folder.appending("d"), mode: 0o755)
        try BuildFixture.git(["init", "-q"], in: folder)
        try Files.write(Array("one".utf8), to: folder.appending("a"))
        try Files.write(Array("b".utf8), to: folder.appending("d/b"))
        chmod(folder.appending("d/b").string, 0o775)
        symlink("/etc", folder.appending("out").string)
        try Files.write(Array("FROM scratch\nCOPY . /\n".utf8), to: folder.appending("d/Dockerfile"))
        for arguments in [["add", "."], ["commit", "-qm", "one"], ["tag", "-am", "v", "v1"]] { try BuildFixture.git(arguments, in: folder) }
        try Files.write(Array("two".utf8), to: folder.appending("a"))
        try BuildFixture.git(["commit", "-qam", "two"], in: folder)
        return "file://\(folder)"
    }

    @Test(
        "takes a branch, tag or folder of a repository",
        arguments: [
            ("", "two", ["a", "d", "d/Dockerfile", "d/b", "out"]), ("#v1", "one", ["a", "d", "d/Dockerfile", "d/b", "out"]),
            ("#main:d", nil, ["Dockerfile", "b"]), ("?branch=main&subdir=d", nil, ["Dockerfile", "b"]),
            ("?tag=v1", "one", ["a", "d", "d/Dockerfile", "d/b", "out"]),
        ] as [(String, String?, [String])])
    func git(fragment: String, content: String?, names: [String]) async throws {
        try await BuildFixture.with(base: false) { fixture in
            let address = try Self.repository(fixture)
            let result = try await fixture.run("FROM scratch\nADD \(address)\(fragment) /r/") { $0.gitProtocols = ["file"] }
            #expect(try CopyTests.names(result.image, fixture) == ["r"] + names.map { "r/\($0)" })
            if let content { #expect(try fixture.text("r/a", of: result.image) == content) }
            #expect(try CopyTests.mode(names.contains("b") ? "r/b" : "r/d/b", result.image, fixture) == "755 0:0")
            let again = try await fixture.run("FROM scratch\nADD \(address)\(fragment) /r/") { $0.gitProtocols = ["file"] }
            #expect(again.isFromCache)
            #expect(fixture.leftovers.isEmpty)
        }
    }

    @Test("keeps the folder of git when asked, the same bytes each time but for what git packs, and holds a commit against its checksum")
    func gitFolder() async throws {
        try await BuildFixture.with(base: false) { fixture in
            let address = try Self.repository(fixture)
            let image = try await fixture.run("FROM scratch\nADD --keep-git-dir=true \(address) /r/") { $0.gitProtocols = ["file"] }.image
            #expect(try fixture.file("r/.git/HEAD", of: image) != nil)
            #expect(try fixture.file("r/.git/hooks", of: image) == nil)
            let error = await #expect(throws: BuildError.self) {
                try await fixture.run("FROM scratch\nADD --checksum=0123456789 \(address) /r/") { $0.gitProtocols = ["file"] }
            }
            #expect(error?.code == "build.checksum-mismatch")
        }
    }

    @Test(
        "refuses repositories that can't be",
        arguments: [
            ("ADD FILE#nothing /", "build.ref-missing"), ("ADD FILE#main:out /", "build.source-missing"),
            ("ADD FILE#main:nothing /", "build.source-missing"),
            ("COPY FILE /", "build.source-unsuitable"), ("ADD FILE#--upload-pack=x /", "build.invalid-repository"),
            ("ADD FILE#main:../.. /", "build.invalid-repository"), ("ADD FILE?what=1 /", "build.invalid-repository"),
        ])
    func badRepository(instruction: String, code: String) async throws {
        try await BuildFixture.with(base: false) { fixture in
            let dockerfile = "FROM scratch\n" + instruction.replacingOccurrences(of: "FILE", with: try Self.repository(fixture))
            let error = await #expect(throws: BuildError.self) { try await fixture.run(dockerfile) { $0.gitProtocols = ["file"] } }
            #expect(error?.code == code)
            #expect(fixture.leftovers.isEmpty)
        }
    }

    @Test("does not let a repository be a path of this machine")
    func noLocalRepository() async throws {
        try await BuildFixture.with(base: false) { fixture in
            let dockerfile = "FROM scratch\nADD \(try Self.repository(fixture)) /r/"
            let error = await #expect(throws: BuildError.self) { try await fixture.run(dockerfile) }
            #expect(error?.code == "build.git-failed")
        }
    }

    @Test(
        "knows a repository by its address",
        arguments: [
            ("https://h/x.git", "https://h/x.git", nil, nil), ("https://h/x.git#b:d/e", "https://h/x.git", "b", "d/e"),
            ("git@h:a/b.git#v1", "git@h:a/b.git", "v1", nil),
            ("git@h:a", "git@h:a", nil, nil), ("ssh://git@h:22/x", "ssh://git@h:22/x", nil, nil),
            ("https://h/x.git?tag=v1", "https://h/x.git", "refs/tags/v1", nil),
            ("git://h/x#:d", "git://h/x", nil, "d"),
        ] as [(String, String, String?, String?)])
    func address(text: String, remote: String, ref: String?, folder: String?) throws {
        let reference = try #require(try GitReference(text: text))
        #expect([reference.remote, reference.ref, reference.folder] == [remote, ref, folder])
    }

    @Test(
        "knows what is no repository",
        arguments: ["a.git", "https://h/x", "https://h/x.git/y", "-u@h:p", "u@-oX:p", "a:b", "./x@y", "x/y@h:p", "github.com/a/b"])
    func noRepository(text: String) throws { #expect(try GitReference(text: text) == nil) }
}
