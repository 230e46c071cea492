import Foundation
import IngotModel
import SystemPackage
import Testing

@testable import ImageStore

@Suite("Compression") struct CompressionTests {
    /// Text over several blocks of 1 MiB, the same every time.
    static func words() throws -> FileTree {
        var tree = FileTree()
        var state: UInt32 = 1
        let words = (0..<400_000).map { _ -> String in
            state = state &* 1_664_525 &+ 1_013_904_223
            return ["root ", "layer ", "image ", "digest ", "\(state % 1000) "][Int(state >> 24) % 5]
        }
        try tree.insert(.regular(FileContent(text: words.joined()), FileMetadata(mode: 0o644)), at: TreePath("words"))
        return tree
    }

    @Test("the zstd form of a layer is what it was, and the layer the same as in gzip") func golden() throws {
        try withStore { store in
            let layer = try store.addLayer(Self.words(), compression: .zstd)
            // A library that gives other bytes gives every user's images other digests: then the encoder needs a new name.
            #expect(layer.blob.digest.short == "74b56b260a66", "zstd \(ZstdEncoder.libraryVersion); frozen with 1.5.4")
            #expect(layer.blob.mediaType == MediaType.layerZstd)
            let gzip = try withStore { try $0.addLayer(Self.words()) }
            #expect(gzip.diffID == layer.diffID)
            #expect(gzip.blob.digest.hex == "ba274b050db0eded7865846f35ae5df454e673351b34b5514627764c7f0048c1")
            #expect(layer.blob.size < gzip.blob.size)
        }
    }

    @Test("a layer has both forms, made from each other, as they would have been made at once", arguments: LayerCompression.allCases)
    func both(_ first: LayerCompression) throws {
        let other: LayerCompression = first == .gzip ? .zstd : .gzip
        try withStore { store in
            let made = try store.addLayer(sampleTree(), compression: first)
            let changed = try store.layer(diffID: made.diffID, compressedAs: other)
            let expected = try withStore { try $0.addLayer(sampleTree(), compression: other) }
            #expect(changed == expected)
            #expect(try store.layer(diffID: made.diffID, compressedAs: first) == made)
            let image = try store.addImage(ImageConfiguration(), layers: [made])
            _ = try store.collectGarbage(pinned: [image.digest])
            #expect(store.contains(changed.blob.digest))
        }
    }

    @Test("an image goes out in zstd, which skopeo reads, and comes back with the same layers") func export() throws {
        try withStore { store in
            let image = try addSample(to: store)
            let layout = store.root.appending("layout")
            let digest = try store.exportOCI(image.digest, to: layout, tag: "z", compression: .zstd)
            #expect(digest != image.digest)
            let copied = try run("skopeo", ["copy", "oci:\(layout):z", "docker-archive:\(store.root)/plain.tar:x:1"])
            #expect(copied.code == 0, "\(copied.output)")
            let plain = try withStore { try $0.importImage(from: store.root.appending("plain.tar")).image }
            #expect(plain.layers == image.layers)
            try withStore { second in
                let imported = try second.importOCI(from: layout)
                #expect(imported.digest == digest)
                #expect(imported.layers.map(\.diffID) == image.layers.map(\.diffID))
                #expect(try listing(second.files(of: imported)) == listing(store.files(of: image)))
            }
        }
    }

    @Test("another's form of a layer does not change the digest of what is built") func foreign() throws {
        try withStore { store in
            let ours = try addSample(to: store)
            let layout = store.root.appending("layout")
            try store.exportOCI(ours.digest, to: layout, tag: "x")
            let plain = try run("sh", ["-c", "gzip -dc < \(layout)/blobs/sha256/\(ours.layers[1].blob.digest.hex) | gzip -9n > \(store.root)/other.gz"])
            #expect(plain.code == 0, "\(plain.output)")
            let bytes = try read(store.root.appending("other.gz"))
            try withStore { second in
                let blob = Descriptor(mediaType: MediaType.layerGzip, digest: ContentHash.digest(of: bytes), size: bytes.count)
                try Data(bytes).write(to: URL(fileURLWithPath: "\(layout)/blobs/sha256/\(blob.digest.hex)"))
                let source = try LayoutSource(layout)
                let taken = try second.importLayer(blob, ours.layers[1].diffID, from: source, .standard)
                #expect(taken.blob == blob)
                #expect(try second.layer(diffID: ours.layers[1].diffID, compressedAs: .gzip) == ours.layers[1])
            }
        }
    }

    @Test("a layer can be mounted before it is compressed, and is in the store after") func pending() throws {
        try withStore { store in
            let pending = try store.beginLayer(Self.words())
            #expect(try Data(read(store.mount(pending.layer).appending("words"))).count == Self.words().contentBytes)
            #expect(pending.layer.blob.digest == pending.layer.diffID)
            let layer = try pending.finish()
            #expect(layer.blob.mediaType == MediaType.layerGzip)
            #expect(try store.layer(diffID: layer.diffID) == layer)
        }
    }

    @Test("what a killed process left of a layer is not taken for the layer") func leftover() throws {
        try withStore { store in
            let expected = try withStore { try $0.addLayer(sampleTree()) }
            let path = store.erofsPath(of: expected.diffID)
            try Data(count: expected.mountableSize.bytes).write(to: URL(fileURLWithPath: path.string))
            #expect(try store.layer(diffID: expected.diffID) == nil)
            let layer = try store.addLayer(sampleTree())
            try store.checkLayer(diffID: layer.diffID)
            #expect(try read(store.mount(layer).appending("etc").appending("motd")) == Array("hello\n".utf8))
        }
    }

    @Test("a full disk is told of, at the latest when the layer is finished, and leaves no layer") func fullDisk() throws {
        try withFolder { folder in
            let disk = folder.appending("disk")
            try FileManager.default.createDirectory(atPath: disk.string, withIntermediateDirectories: false)
            #expect(try run("mount", ["-t", "tmpfs", "-o", "size=6m,mode=755", "tmpfs", disk.string]).code == 0)
            defer { _ = try? run("umount", ["-l", disk.string]) }
            let store = try ImageStore(root: disk.appending("root"))
            var tree = FileTree()
            try tree.insert(.regular(FileContent(bytes: noise(4 << 20)), FileMetadata(mode: 0o644)), at: TreePath("noise"))
            let error = #expect(throws: StoreError.self) { try store.addLayer(tree) }
            #expect(error?.reason == .diskFull)
            #expect(try Files.names(in: store.folder.appending("layers")).isEmpty)
            #expect(try Files.names(in: store.folder.appending("tmp")).isEmpty)
        }
    }
}
