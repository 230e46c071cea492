import Foundation
import Glibc
import IngotModel
import SystemPackage
import Testing

@testable import ImageStore

@Suite("Files of an image") struct FileExportTests {
    private static func image(_ store: ImageStore, _ change: (inout FileTree) throws -> Void = { _ in }) throws -> Image {
        var base = FileTree()
        try base.insert(.regular(FileContent(text: "gone"), FileMetadata(mode: 0o644)), at: TreePath("etc/gone"))
        try base.insert(.regular(FileContent(text: "old"), FileMetadata(mode: 0o644)), at: TreePath("var/fresh/old"))
        var tree = try sampleTree()
        try change(&tree)
        return try store.addImage(ImageConfiguration(), layers: [store.addLayer(base), store.addLayer(tree)])
    }

    @Test("are written with what is seen of them, without rights and devices") func written() throws {
        try withStore { store in
            let target = store.root.appending("out")
            let leftOut = try store.exportFiles(Self.image(store).digest, to: target)
            #expect(leftOut == 3)
            #expect(try read(target.appending("etc").appending("motd")) == Array("hello\n".utf8))
            #expect(access("\(target)/etc/gone", F_OK) != 0)
            #expect(access("\(target)/var/fresh/old", F_OK) != 0)
            var tool = stat(), same = stat()
            #expect(stat("\(target)/usr/bin/tool", &tool) == 0 && stat("\(target)/usr/bin/same", &same) == 0)
            #expect(tool.st_ino == same.st_ino)
            #expect(tool.st_mode & 0o7777 == 0o755)
            #expect(tool.st_mtim.tv_sec == 1_700_000_000)
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: "\(target)/etc/link") == "../usr/bin/tool")
            // Again, onto what is there.
            try store.exportFiles(Self.image(store).digest, to: target)
            #expect(try FileManager.default.contentsOfDirectory(atPath: "\(target)/etc").sorted() == ["block", "empty", "link", "motd"])
        }
    }

    @Test("never go through a link that stands where they go", arguments: ["etc", "usr/bin"]) func links(_ folder: String) throws {
        try withStore { store in
            let target = store.root.appending("out")
            let outside = store.root.appending("outside")
            let prepared = try run("sh", ["-c", "mkdir -p \(target)/usr \(outside) && ln -s \(outside) \(target)/\(folder)"])
            #expect(prepared.code == 0)
            #expect(throws: StoreError.self) { try store.exportFiles(Self.image(store).digest, to: target) }
            #expect(try FileManager.default.contentsOfDirectory(atPath: outside.string).isEmpty)
        }
    }

    @Test("replace a link and leave what it leads to") func replaced() throws {
        try withStore { store in
            let target = store.root.appending("out")
            try write("mine", to: store.root.appending("mine"))
            #expect(try run("sh", ["-c", "mkdir -p \(target)/etc && ln -s \(store.root)/mine \(target)/etc/motd"]).code == 0)
            try store.exportFiles(Self.image(store).digest, to: target)
            #expect(try read(store.root.appending("mine")) == Array("mine".utf8))
            #expect(try read(target.appending("etc").appending("motd")) == Array("hello\n".utf8))
        }
    }

    @Test("are one archive that tar reads and that is read as the same tree") func archive() throws {
        try withStore { store in
            let image = try Self.image(store)
            let path = store.root.appending("root.tar")
            try store.exportRootArchive(image.digest, to: .file(path))
            #expect(try listing(store.readArchive(path)) == listing(store.files(of: image)))
            let names = try run("tar", ["-tf", path.string])
            #expect(names.code == 0)
            #expect(!names.output.contains(".wh."))
        }
    }
}
