import Foundation
import Glibc
import ImageStore
import IngotModel
import SystemPackage
import Testing

@testable import ImageBuild

@Suite("A verification") struct VerificationTests {
    @Test("of an ordinary build finds nothing") func ordinary() async throws {
        try await BuildFixture.with { fixture in
            for name in ["src/b/c", "src/a", "top", ".dockerignore", "src/run.sh"] {
                try fixture.write(name, "# \(name)\n", mode: name.hasSuffix("sh") ? 0o755 : 0o640)
            }
            symlink("a", fixture.context.appending("src/link").string)
            try fixture.write("src/empty/")
            let request = try fixture.request("FROM base\nCOPY . /src\nRUN cd /src && ls -R > /list && echo $SOURCE_DATE_EPOCH $(hostname) > /name")
            let result = try await fixture.builder.verify(request, changesProcessors: false)
            #expect(result.isReproducible, "\(result.steps)")
            #expect(result.steps.isEmpty)
            #expect(result.configuration.isEmpty)
            #expect(fixture.leftovers.isEmpty)
        }
    }

    @Test("names the file and the instruction that are not reproducible, and not those that copy it") func planted() async throws {
        try await BuildFixture.with { fixture in
            let request = try fixture.request(
                "FROM base AS one\nRUN true\nRUN echo first > /stamp; cat /proc/sys/kernel/random/uuid >> /stamp\nFROM scratch\nCOPY --from=one /stamp /stamp"
            ) { $0.tags = ["x"] }
            let result = try await fixture.builder.verify(request, changesProcessors: false)
            #expect(!result.isReproducible)
            #expect(result.steps.map(\.isConsequence) == [false, true])
            let cause = try #require(result.causes.first)
            #expect(result.causes.count == 1)
            #expect(cause.location.line == 3)
            #expect(cause.instruction.hasPrefix("RUN echo first"))
            #expect(cause.files.map(\.path) == ["/stamp"])
            guard case .content(let content) = cause.files.first?.changes.first else { return #expect(Bool(false), "\(cause)") }
            #expect(content.line == 2)
            #expect(content.firstLine != content.secondLine)
            // The second build is nobody's image, and its results are no cache.
            #expect(try fixture.store.resolve("x") == result.first.digest)
            let again = try await fixture.builder.build(request)
            #expect(again.isFromCache)
            #expect(again.image.digest == result.first.digest)
        }
    }

    @Test("copies a context as it was, in another order") func copied() async throws {
        try await BuildFixture.with(base: false) { fixture in
            for index in 0..<50 { try fixture.writeQuickly("d\(index % 3)/\(index)", "\(index)") }
            symlink("d0/0", fixture.context.appending("link").string)
            chmod(fixture.context.appending("d1").string, 0o500)
            let tree = try ContextTree(fixture.context).all()
            let copy = fixture.folder.appending("copy")
            try ContextCopy(ContextTree(fixture.context)).write(to: copy)
            let copied = try ContextTree(copy).all()
            #expect(copied.map(\.path) == tree.map(\.path))
            #expect(copied.dropFirst().map(\.mode) == tree.dropFirst().map(\.mode))
            #expect(copied.map(\.kind) == tree.map(\.kind))
            let order = { (nodes: [ContextTree.Node]) in nodes.indices.sorted { nodes[$0].identity.inode < nodes[$1].identity.inode } }
            #expect(order(copied) != order(tree))
        }
    }

    @Test("can hold a build to the first of its processors", arguments: [([0b110, 0], [0b10, 0]), ([0, 0b11], [0, 1])] as [([UInt8], [UInt8])])
    func processors(_ bits: [UInt8], _ one: [UInt8]) {
        #expect(ProcessorLimit.first(of: bits) == one)
        #expect(ProcessorLimit.first(of: one) == nil)
    }

    @Test("of an image's origin: base, commit and noise stand beside it, and its base in it") func provenance() async throws {
        try await BuildFixture.with { fixture in
            try fixture.write("a", "a")
            let result = try await fixture.run("FROM base\nCOPY a /a") {
                $0.buildArguments = ["SECRET": "hidden"]
                $0.builderVersion = "1.2.3"
                $0.annotations = ["org.example": "mine"]
            }
            let base = try #require(try fixture.store.resolve("base"))
            let annotations = try #require(result.image.manifest.annotations)
            #expect(annotations["org.opencontainers.image.base.digest"] == "\(base)")
            #expect(annotations["org.opencontainers.image.base.name"] == "base")
            #expect(annotations["org.example"] == "mine")
            #expect(try fixture.store.images(on: base).map(\.digest) == [result.image.digest])
            let referrers = try fixture.store.referrers(of: result.image.digest)
            #expect(referrers.map(\.artifactType) == ["application/vnd.in-toto+json"])
            let document = try #require(referrers.first?.manifest.layers.first)
            let text = String(decoding: try fixture.store.readBlob(document.digest, limit: 65_536), as: UTF8.self)
            for part in [
                base.hex, result.image.digest.hex, "\"gitCommit\":\"cccc", "\"noiseVersion\":\(LayerNoise.version)", "\"ingot\":\"1.2.3\"", "SECRET",
                "in-toto.io/Statement/v1",
            ] {
                #expect(text.contains(part), "\(part)")
            }
            #expect(!text.contains("hidden"))
        }
    }
}
