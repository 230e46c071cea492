import Foundation
import Glibc
import ImageStore
import IngotModel
import SystemPackage
import Testing

@testable import ImageBuild

@Suite("An output") struct BuildOutputTests {
    @Test(
        "is spelled as Docker spells it",
        arguments: [
            ("out", .init(.files("out"))),
            ("-", .init(.rootArchive(.standardOutput))),
            ("type=local,dest=/x", .init(.files("/x"))),
            ("type=tar,dest=a.tar", .init(.rootArchive(.file("a.tar")))),
            ("type=oci,dest=a.tar", .init(.archive(.oci, .file("a.tar")))),
            ("TYPE=oci,dest=-", .init(.archive(.oci, .standardOutput))),
            ("type=oci,tar=false,dest=a,compression=zstd", .init(.layout("a"), compression: .zstd)),
            ("type=docker,dest=a.tar,name=shop:1", .init(.archive(.docker, .file("a.tar")), names: ["shop:1"])),
            ("type=docker,\"dest=a,b.tar\",\"name=x,y\"", .init(.archive(.docker, .file("a,b.tar")), names: ["x", "y"])),
            ("type=image,name=shop:2,push=false", .init(.store, names: ["shop:2"])),
        ] as [(String, BuildOutput)])
    func parsed(_ text: String, _ expected: BuildOutput) throws {
        #expect(try BuildOutput(text: text) == expected)
    }

    @Test(
        "that there is not is refused with what to do",
        arguments: [
            ("", "invalid-option"), ("type=oci", "invalid-option"), ("dest=x", "invalid-option"), ("type=zip,dest=x", "invalid-option"),
            ("type=oci,dest=x,color=red", "invalid-option"), ("type=oci,dest=x,dest=y", "invalid-option"),
            ("type=oci,dest=x,tar=maybe", "invalid-option"), ("type=oci,dest=x,compression=lz4", "invalid-option"),
            ("type=docker", "invalid-option"), ("type=image", "invalid-option"), ("type=oci,x", "invalid-option"),
            ("type=oci,dest=x,push=true", "invalid-option"), ("type=image,push=false", "invalid-option"),
        ])
    func refused(_ text: String, _ code: String) throws {
        let error = #expect(throws: BuildError.self) { try BuildOutput(text: text) }
        #expect(error?.code == "build.\(code)")
    }

    @Test("is written after the build, each kind, with the names of the image") func written() async throws {
        try await BuildFixture.with(base: false) { fixture in
            try fixture.write("a", "content")
            let folder = fixture.folder.string
            let result = try await fixture.run("FROM scratch\nCOPY a /etc/a") {
                $0.tags = ["shop:1"]
                $0.outputs = [
                    BuildOutput(.files(FilePath("\(folder)/files"))), BuildOutput(.rootArchive(.file(FilePath("\(folder)/root.tar")))),
                    BuildOutput(.layout(FilePath("\(folder)/layout")), compression: .zstd),
                    BuildOutput(.archive(.docker, .file(FilePath("\(folder)/docker.tar")))), BuildOutput(.store, names: ["shop:2"]),
                ]
            }
            #expect(try String(contentsOfFile: "\(folder)/files/etc/a", encoding: .utf8) == "content")
            #expect(try fixture.store.readArchive(FilePath("\(folder)/root.tar")).node(at: TreePath("etc/a"))?.size == 7)
            let docker = try fixture.store.importImage(from: FilePath("\(folder)/docker.tar"))
            #expect(docker.image.digest == result.image.digest)
            #expect(docker.names == ["shop:1"])
            let zstd = try fixture.store.importOCI(from: FilePath("\(folder)/layout"), reference: "shop:1")
            #expect(zstd.layers[0].blob.mediaType == MediaType.layerZstd)
            #expect(try fixture.store.resolve("shop:2") == result.image.digest)
        }
    }

    @Test("in zstd is another image of the same layers; the base's stay as they are") func zstd() async throws {
        try await BuildFixture.with { fixture in
            try fixture.write("a", "content")
            let gzip = try await fixture.run("FROM base\nCOPY a /a")
            let zstd = try await fixture.run("FROM base\nCOPY a /a") { $0.compression = .zstd }
            #expect(zstd.isFromCache)
            #expect(zstd.image.layers.map(\.diffID) == gzip.image.layers.map(\.diffID))
            #expect(zstd.image.layers.map(\.blob.mediaType) == [MediaType.layerGzip, MediaType.layerZstd])
            let again = try await fixture.run("FROM base\nCOPY a /a")
            #expect(again.image.digest == gzip.image.digest)
        }
    }
}
