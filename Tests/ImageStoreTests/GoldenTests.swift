import IngotModel
import SystemPackage
import Testing

@testable import ImageStore

/// Bytes that every image's digest depends on. When one of these changes, every digest in the world changes: so they
/// change only on purpose, with a line in the changelog.
@Suite("Golden bytes") struct GoldenTests {
    @Test("a layer's archive, its gzip form and its EROFS form are what they were") func layer() throws {
        try withStore { store in
            let layer = try store.addLayer(sampleTree())
            let record = try String(decoding: read(store.folder.appending("layers").appending("\(layer.diffID.hex).json")), as: UTF8.self)
            #expect(layer.diffID.hex == "c626f0c997544c0046de695c856476b3cac9bfd26088b549127835cf98d5b53d")
            #expect(layer.blob.digest.hex == "dea4066c4b8dbefd984c62792c25c35b1540e3d2ec8699a5d06ae8bc15e07a83")
            #expect(record.contains("\"erofsDigest\":\"sha256:9d03ba6b181917b15113341f4184e57c9c4f25398b07f24f3d5759944debd50a\""), "\(record)")
            let erofs = try ContentHash.digest(of: read(store.erofsPath(of: layer.diffID)))
            #expect(erofs.hex == "e45d307f6d88f163c54b20683ebed027b617f701821eb979cd673a4d6365d4bb")
        }
    }

    @Test("text that compresses, over several blocks, has the gzip form it had") func gzip() throws {
        try withStore { store in
            var tree = FileTree()
            var state: UInt32 = 1
            let words = (0..<400_000).map { _ -> String in
                state = state &* 1_664_525 &+ 1_013_904_223
                return ["root ", "layer ", "image ", "digest ", "\(state % 1000) "][Int(state >> 24) % 5]
            }
            try tree.insert(.regular(FileContent(text: words.joined()), FileMetadata(mode: 0o644)), at: TreePath("words"))
            #expect(tree.contentBytes > 2 << 20)
            let layer = try store.addLayer(tree)
            #expect(layer.blob.digest.hex == "ba274b050db0eded7865846f35ae5df454e673351b34b5514627764c7f0048c1")
            let header = try read(store.folder.appending("blobs").appending("sha256").appending(layer.blob.digest.hex)).prefix(10)
            #expect(Array(header) == [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255])
        }
    }
}
