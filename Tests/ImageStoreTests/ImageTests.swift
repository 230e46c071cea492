import Foundation
import ImageStore
import IngotModel
import SystemPackage
import Testing

/// An image of one file, with a commit.
func addSample(to store: ImageStore, _ text: String = "hello", commit: String? = nil, created: Int = 0) throws -> Image {
    var base = FileTree()
    try base.insert(.regular(FileContent(text: "base"), FileMetadata(mode: 0o644)), at: TreePath("etc/base"))
    var top = FileTree()
    try top.insert(.regular(FileContent(text: text), FileMetadata(mode: 0o644)), at: TreePath("etc/motd"))
    var configuration = ImageConfiguration(created: Timestamp(secondsSince1970: created))
    configuration.config.labels = commit.map { [Image.revisionLabel: $0] }
    configuration.config.command = ["/bin/true"]
    configuration.config.exposedPorts = ["80/tcp": .init()]
    return try store.addImage(configuration, layers: [store.addLayer(base), store.addLayer(top)])
}

@Suite("Images") struct ImageTests {
    @Test("the same image has the same digest in two stores") func reproducible() throws {
        let first = try withStore { try addSample(to: $0).digest }
        let second = try withStore { try addSample(to: $0).digest }
        #expect(first == second)
    }

    @Test("an image is read as it was written, also by another process's store") func read() throws {
        try withStore { store in
            let image = try addSample(to: store)
            #expect(try store.image(image.digest) == image)
            #expect(try ImageStore(root: store.root).image(image.digest) == image)
        }
    }

    @Test("its configuration is canonical JSON") func canonical() throws {
        try withStore { store in
            let image = try addSample(to: store, commit: "abcdef0")
            let text = String(decoding: try store.readBlob(image.manifest.config.digest, limit: 100_000), as: UTF8.self)
            let diffIDs = image.layers.map { "\"\($0.diffID)\"" }.joined(separator: ",")
            #expect(
                text
                    == #"{"architecture":"\#(ImageConfiguration.hostArchitecture)","config":{"Cmd":["/bin/true"],"ExposedPorts":{"80/tcp":{}},"Labels":{"org.opencontainers.image.revision":"abcdef0"}},"created":"1970-01-01T00:00:00.000Z","history":[],"os":"linux","rootfs":{"diff_ids":[\#(diffIDs)],"type":"layers"}}"#
            )
        }
    }

    @Test("a tag, a digest, a part of one and a commit find an image") func resolve() throws {
        try withStore { store in
            let commit = "0123456789abcdef0123456789abcdef01234567"
            let image = try addSample(to: store, commit: commit)
            try store.tag(image.digest, as: "ingot.local/shop:1.4")
            for reference in [
                "ingot.local/shop:1.4", "\(image.digest)", image.digest.hex, image.digest.short, "sha256:\(image.digest.short)", commit, "0123456",
            ] { #expect(try store.resolve(reference) == image.digest, "\(reference)") }
            for reference in [
                "shop", "", "012345", String(image.digest.hex.prefix(11)), "../tags/x", "\(Digest(bytes: [UInt8](repeating: 0, count: 32)))",
            ] {
                #expect(try store.resolve(reference) == nil, "\(reference)")
            }
        }
    }

    @Test("a commit of two images is ambiguous") func ambiguous() throws {
        try withStore { store in
            _ = try addSample(to: store, "a", commit: "abcdef0123")
            _ = try addSample(to: store, "b", commit: "abcdef0123")
            let error = #expect(throws: StoreError.self) { try store.resolve("abcdef0") }
            #expect(error?.reason == .ambiguous)
        }
    }

    @Test(
        "names that lead elsewhere are refused",
        arguments: ["", "..", "../../etc/passwd", "/abs", "a b", "a\u{0}b", "sha256:abc", "-x", String(repeating: "x", count: 300), "ü"])
    func badNames(_ name: String) throws {
        try withStore { store in
            let image = try addSample(to: store)
            let error = #expect(throws: StoreError.self) { try store.tag(image.digest, as: name) }
            #expect(error?.reason == .nameInvalid)
        }
    }

    @Test(
        "names with slashes and dots are one file each, and come back as they were",
        arguments: ["a/../b", "a/b", "a%2Fb".replacing("%", with: "+"), "x:1@y"])
    func goodNames(_ name: String) throws {
        try withStore { store in
            let image = try addSample(to: store)
            try store.tag(image.digest, as: name)
            #expect(try store.tags() == [name: image.digest])
            try store.untag(name)
            #expect(try store.tags().isEmpty)
        }
    }

    @Test("only what is in the store can be tagged") func tagMissing() throws {
        try withStore { store in
            let error = #expect(throws: StoreError.self) { try store.tag(Digest(bytes: [UInt8](repeating: 1, count: 32)), as: "x") }
            #expect(error?.reason == .blobMissing)
            #expect(error?.fault == .user)
        }
    }

    @Test("a list shows total, own and shared sizes, the newest first") func sizes() throws {
        try withStore { store in
            let old = try addSample(to: store, "old", created: 1)
            let new = try addSample(to: store, "new", created: 2)
            try store.tag(new.digest, as: "new")
            let list = try store.images()
            #expect(list.map(\.digest) == [new.digest, old.digest])
            #expect(list[0].tags == ["new"])
            #expect(list[0].sharedSize == old.layers[0].mountableSize)
            #expect(list[0].ownSize == new.layers[1].mountableSize)
            #expect(list[0].totalSize == new.size)
        }
    }

    @Test("a blob changed on disk is found when it is read") func changedBlob() throws {
        try withStore { store in
            let image = try addSample(to: store)
            let path = store.folder.appending("blobs").appending("sha256").appending(image.manifest.config.digest.hex)
            var bytes = try ImageStoreTests.read(path)
            bytes[5] ^= 1
            try Data(bytes).write(to: URL(fileURLWithPath: path.string))
            let error = #expect(throws: StoreError.self) { try store.image(image.digest) }
            #expect(error?.reason == .blobChanged)
            #expect(error?.message.contains(path.string) == true)
            #expect(throws: StoreError.self) { try store.exportOCI(image.digest, to: store.root.appending("out")) }
            #expect(!FileManager.default.fileExists(atPath: store.root.appending("out").string))
            #expect(try FileManager.default.contentsOfDirectory(atPath: store.root.string).filter { $0.hasPrefix(".") } == [])
        }
    }

    @Test("a mountable form changed on disk is found, also while it is mounted") func changedLayer() throws {
        try withStore { store in
            let image = try addSample(to: store)
            let layer = image.layers[1]
            _ = try ImageStoreTests.read(store.mount(layer).appending("etc").appending("motd"))
            let path = store.folder.appending("erofs").appending("\(layer.diffID.hex).erofs").string
            let handle = try #require(FileHandle(forUpdatingAtPath: path))
            try handle.seek(toOffset: 4_200)
            try handle.write(contentsOf: Data([9]))
            try handle.close()
            let error = #expect(throws: StoreError.self) { try store.checkLayer(diffID: layer.diffID) }
            #expect(error?.reason == .layerChanged)
        }
    }
}
