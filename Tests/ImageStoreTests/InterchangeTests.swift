import Foundation
import ImageStore
import IngotModel
import SystemPackage
import Testing

@Suite("Interchange") struct InterchangeTests {
    @Test("skopeo inspects and umoci unpacks an exported image") func others() throws {
        try withStore { store in
            var tree = try sampleTree()
            tree.remove(try TreePath("etc/gone"))
            let image = try store.addImage(ImageConfiguration(), layers: [store.addLayer(tree)], annotations: ["org.example": "x"])
            let layout = store.root.appending("layout")
            try store.exportOCI(image.digest, to: layout, tag: "latest")
            let inspected = try run("skopeo", ["inspect", "oci:\(layout):latest"])
            #expect(inspected.code == 0, "\(inspected.output)")
            #expect(inspected.output.contains("\(image.digest)"))
            #expect(inspected.output.contains("\(image.layers[0].blob.digest)"))
            let bundle = store.root.appending("bundle")
            let unpacked = try run("umoci", ["unpack", "--image", "\(layout):latest", bundle.string])
            #expect(unpacked.code == 0, "\(unpacked.output)")
            #expect(try read(bundle.appending("rootfs").appending("etc").appending("motd")) == Array("hello\n".utf8))
            // Read as a tree, what umoci unpacked is what went in, but for marks that it has carried out.
            var expected = tree
            try expected.insert(.folder(FileMetadata(mode: 0o700, modified: FileTime(seconds: 1_700_000_000))), at: TreePath("var/fresh"))
            #expect(try listing(FileTree(upperFolder: bundle.appending("rootfs"))) == listing(expected))
        }
    }

    @Test("an image comes back from a layout with its digest, into another store") func roundTrip() throws {
        try withStore { first in
            let image = try addSample(to: first)
            let other = try addSample(to: first, "other")
            let layout = first.root.appending("layout")
            try first.exportOCI(image.digest, to: layout, tag: "one")
            try first.exportOCI(other.digest, to: layout, tag: "two")
            try first.exportOCI(other.digest, to: layout, tag: "two")
            try withStore { second in
                let imported = try second.importOCI(from: layout, reference: "one")
                #expect(imported == image)
                #expect(
                    try listing(FileTree(upperFolder: second.mount(imported.layers[1])))
                        == listing(FileTree(upperFolder: first.mount(image.layers[1]))))
                let error = #expect(throws: StoreError.self) { try second.importOCI(from: layout) }
                #expect(error?.reason == .ambiguous)
            }
        }
    }

    @Test("a layout of skopeo's making is taken as it is") func skopeo() throws {
        try withStore { store in
            let image = try addSample(to: store)
            let layout = store.root.appending("layout")
            try store.exportOCI(image.digest, to: layout, tag: "x")
            let copied = try run(
                "skopeo", ["copy", "--dest-compress-format", "zstd", "--dest-compress", "oci:\(layout):x", "oci:\(store.root)/copy:y"])
            #expect(copied.code == 0, "\(copied.output)")
            let imported = try store.importOCI(from: store.root.appending("copy"))
            #expect(imported.layers.map(\.diffID) == image.layers.map(\.diffID))
        }
    }

    enum Damage: String, CaseIterable, Sendable { case layerContent, manifestContent, size, mediaType, diffID, missing, link }

    @Test("a layout that does not hold what it says is refused, and nothing of it is an image", arguments: Damage.allCases) func damaged(
        _ damage: Damage
    ) throws {
        try withStore { first in
            let image = try addSample(to: first)
            let layout = first.root.appending("layout")
            try first.exportOCI(image.digest, to: layout)
            try Self.damage(layout, image, damage)
            try withStore { second in
                let error = #expect(throws: StoreError.self) { try second.importOCI(from: layout) }
                #expect(error?.reason == .imageInvalid, "\(String(describing: error))")
                let images = try second.images()
                #expect(images.isEmpty)
            }
        }
    }

    private static func damage(_ layout: FilePath, _ image: Image, _ damage: Damage) throws {
        let blobs = layout.appending("blobs").appending("sha256")
        func change(_ digest: Digest) throws {
            var bytes = try read(blobs.appending(digest.hex))
            bytes[bytes.count / 2] ^= 1
            try Data(bytes).write(to: URL(fileURLWithPath: blobs.appending(digest.hex).string))
        }
        func replaceManifest(_ body: (inout ImageManifest) throws -> Void) throws {
            var manifest = image.manifest
            try body(&manifest)
            let encoded = try JSONEncoder().encode(manifest)
            try withStore { scratch in
                let descriptor = try scratch.writeBlob(Array(encoded), mediaType: MediaType.manifest)
                try encoded.write(to: URL(fileURLWithPath: blobs.appending(descriptor.digest.hex).string))
                let index = try JSONEncoder().encode(ImageIndex(manifests: [descriptor]))
                try index.write(to: URL(fileURLWithPath: layout.appending("index.json").string))
            }
        }
        switch damage {
        case .layerContent: try change(image.layers[1].blob.digest)
        case .manifestContent: try change(image.digest)
        case .size: try replaceManifest { $0.layers[0].size += 1 }
        case .mediaType: try replaceManifest { $0.layers[0].mediaType = "text/html" }
        case .diffID: try replaceManifest { $0.layers.swapAt(0, 1) }
        case .missing: try FileManager.default.removeItem(atPath: blobs.appending(image.layers[0].blob.digest.hex).string)
        case .link:
            let path = blobs.appending(image.layers[0].blob.digest.hex).string
            try FileManager.default.moveItem(atPath: path, toPath: layout.appending("moved").string)
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: layout.appending("moved").string)
        }
    }

    @Test("a folder with something else in it is not written to") func inUse() throws {
        try withStore { store in
            let image = try addSample(to: store)
            let folder = store.root.appending("mine")
            try FileManager.default.createDirectory(atPath: folder.string, withIntermediateDirectories: false)
            try write("mine", to: folder.appending("file"))
            let error = #expect(throws: StoreError.self) { try store.exportOCI(image.digest, to: folder) }
            #expect(error?.reason == .folderInUse)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.string) == ["file"])
        }
    }
}
