import Foundation
import Glibc
import ImageStore
import IngotModel
import SystemPackage
import Testing

@testable import ImageBuild

@Suite("A context")
struct ContextTests {
    static let dockerfile = "FROM scratch\nCOPY . /\n"

    @Test("is what the command line says")
    func text() throws {
        #expect(try BuildContext(text: "-") == .standardInput)
        #expect(try BuildContext(text: "/tmp") == .folder("/tmp"))
        #expect(try BuildContext(text: "/etc/passwd") == .archive("/etc/passwd"))
        #expect(try BuildContext(text: "https://h/x.git#b:d") == .git(#require(try GitReference(text: "https://h/x.git#b:d"))))
        #expect(try BuildContext(text: "github.com/a/b#c") == .git(#require(try GitReference(text: "https://github.com/a/b.git#c"))))
        #expect(throws: BuildError.self) { try BuildContext(text: "https://h/x.tar") }
        #expect(try NamedContext(text: "docker-image://a:1") == .image("a:1"))
        #expect(try NamedContext(text: "oci-layout:///p/q:tag") == .layout("/p/q", reference: "tag"))
        #expect(try NamedContext(text: "oci-layout://p.d/q") == .layout("p.d/q", reference: nil))
        #expect(try NamedContext(text: "oci-layout://q@sha256:1") == .layout("q", reference: "sha256:1"))
        #expect(try NamedContext(text: "../x") == .folder("../x"))
        #expect(throws: BuildError.self) { try NamedContext(text: "ftp://x") }
    }

    @Test("that is an archive gives the image that its folder gives, and is never unpacked by path")
    func archive() async throws {
        try await BuildFixture.with(base: false) { fixture in
            let archive = TarFile.make {
                $0.add("Dockerfile", Self.dockerfile)
                $0.add(".dockerignore", "skipped\n")
                $0.add("a/b", "b", owner: 1234)
                $0.add("skipped", "x")
            }
            let path = fixture.folder.appending("c.tar")
            try Files.write(archive, to: path)
            try AddTests.compress(path, by: "gzip")
            for name in ["Dockerfile": Self.dockerfile, ".dockerignore": "skipped\n", "a/b": "b"] { try fixture.write(name.key, name.value) }
            let folder = try await fixture.builder.build(BuildRequest(contextFolder: fixture.context, revision: BuildFixture.commit)).image
            for name in ["c.tar", "c.tar.gz"] {
                var request = BuildRequest(contextFolder: "/nowhere", revision: BuildFixture.commit)
                request.context = .archive(fixture.folder.appending(name))
                #expect(try await fixture.builder.build(request).image.digest == folder.digest)
            }
            #expect(try CopyTests.mode("a/b", folder, fixture) == "644 0:0")
        }
    }

    /// What is read from this end of a pipe.
    static func pipe(_ bytes: [UInt8], _ body: (CInt) async throws -> Void) async throws {
        let (output, input) = try FileDescriptor.pipe()
        async let writing: Void = Task.detached {
            _ = try? input.writeAll(bytes)
            try? input.close()
        }.value
        defer { try? output.close() }
        try await body(output.rawValue)
        await writing
    }

    @Test("on standard input is an archive, or a Dockerfile alone", arguments: [true, false])
    func standardInput(isArchive: Bool) async throws {
        try await BuildFixture.with(base: false) { fixture in
            let bytes = isArchive ? TarFile.make { $0.add("Dockerfile", "FROM scratch") } : Array("FROM scratch\nENV A=1".utf8)
            try await Self.pipe(bytes) { input in
                var request = BuildRequest(contextFolder: "/nowhere")
                request.context = .standardInput
                let context = try await PreparedContext(request, store: fixture.store, folder: fixture.folder, input: input)
                #expect(context.isForeign)
                #expect(context.request.revision == SourceRevision.none)
                #expect(try BuildInput.dockerfile(of: context).stages[0].instructions.count == (isArchive ? 0 : 1))
                #expect(Files.names(context.request.contextFolder) == (isArchive ? ["Dockerfile"] : []))
            }
        }
    }

    @Test("may come with a Dockerfile on standard input, once")
    func dockerfileOnInput() async throws {
        try await BuildFixture.with(base: false) { fixture in
            try await Self.pipe(Array("FROM scratch\nENV A=1".utf8)) { input in
                var request = BuildRequest(contextFolder: fixture.context, dockerfilePath: "-")
                let context = try await PreparedContext(request, store: fixture.store, folder: fixture.folder, input: input)
                #expect(try BuildInput.dockerfile(of: context).stages.count == 1)
                request.context = .standardInput
                let error = await #expect(throws: BuildError.self) {
                    try await PreparedContext(request, store: fixture.store, folder: fixture.folder, input: input)
                }
                #expect(error?.code == "build.context-unsuitable")
            }
        }
    }

    @Test("that is a repository has its commit, and no way out of it")
    func repository() async throws {
        try await BuildFixture.with(base: false) { fixture in
            let address = try AddTests.repository(fixture)
            var request = BuildRequest(contextFolder: "/nowhere")
            request.gitProtocols = ["file"]
            request.context = .git(try #require(try GitReference(text: "\(address)#main:d")))
            let result = try await fixture.builder.build(request)
            #expect(try CopyTests.names(result.image, fixture) == ["Dockerfile", "b"])
            #expect(result.commit?.count == 40 && !result.isDirty)
            #expect(result.image.configuration.created == "2023-11-14T22:13:21.000Z")
            request.context = .git(try #require(try GitReference(text: "\(address)#main:out")))
            let error = await #expect(throws: BuildError.self) { try await fixture.builder.build(request) }
            #expect(error?.code == "build.context-missing")
            #expect(fixture.leftovers.isEmpty)
        }
    }

    @Test("with a name is found before images: a folder with its own rules, an image, a repository")
    func named() async throws {
        try await BuildFixture.with { fixture in
            let other = fixture.folder.appending("other")
            try Files.makeFolder(other)
            for name in ["a", "b"] { try Files.write(Array(name.utf8), to: other.appending(name)) }
            try Files.write(Array("b\n".utf8), to: other.appending(".dockerignore"))
            let address = try AddTests.repository(fixture)
            let dockerfile = "FROM renamed AS x\nFROM scratch\nCOPY --from=files . /f/\nCOPY --from=renamed /etc/passwd /\nCOPY --from=code a /"
            let change: (inout BuildRequest) throws -> Void = {
                $0.gitProtocols = ["file"]
                $0.namedContexts = [
                    "files": .folder(other), "renamed": .image("base"), "code": .git(try #require(try GitReference(text: address))),
                ]
            }
            var request = try fixture.request(dockerfile)
            try change(&request)
            let image = try await fixture.builder.build(request).image
            #expect(try CopyTests.names(image, fixture) == ["a", "f", "f/.dockerignore", "f/a", "passwd"])
            #expect(try fixture.text("a", of: image) == "two")
        }
    }

    @Test(
        "leaves out what .dockerignore says, the rules beside a named Dockerfile before others, and never for --from",
        arguments: [(nil, ["Dockerfile", "keep", "own"]), ("Own", [".dockerignore", "Dockerfile", "Own", "Own.dockerignore", "keep", "skip"])])
    func ignored(dockerfile: String?, names: [String]) async throws {
        try await BuildFixture.with(base: false) { fixture in
            for name in ["keep", "skip", "own", "Own", "Dockerfile"] { try fixture.write(name, Self.dockerfile) }
            try fixture.write(".dockerignore", "*\n!keep\n!own\n!Dockerfile\n")
            try fixture.write("Own.dockerignore", "own\n")
            var request = BuildRequest(contextFolder: fixture.context, revision: BuildFixture.commit)
            request.dockerfilePath = dockerfile.map { FilePath($0) }
            #expect(try CopyTests.names(await fixture.builder.build(request).image, fixture) == names)
            try fixture.write(".dockerignore", "Dockerfile\nskip\n.dockerignore\n")
            let stages = "FROM scratch AS a\nCOPY keep /skip\nFROM scratch\nCOPY --from=a / /"
            #expect(try CopyTests.names(await fixture.run(stages).image, fixture) == ["skip"])
        }
    }
}
