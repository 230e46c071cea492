import Foundation
import Glibc
import ImageStore
import IngotModel
import SystemPackage
import Testing

@Suite("Store") struct StoreTests {
    @Test("a blob is written once and read back verified") func blob() throws {
        try withStore { store in
            let bytes = Array("content".utf8)
            let descriptor = try store.writeBlob(bytes)
            #expect(try store.writeBlob(bytes) == descriptor)
            #expect(store.contains(descriptor.digest))
            #expect(try store.readBlob(descriptor.digest, limit: 7) == bytes)
            #expect(throws: StoreError.self) { try store.readBlob(descriptor.digest, limit: 6) }
            let missing = #expect(throws: StoreError.self) { try store.readBlob(Digest(bytes: [UInt8](repeating: 0, count: 32)), limit: 6) }
            #expect(missing?.reason == .blobMissing)
        }
    }

    @Test("what is signed exceeds a limit by its number, or by its size") func signedLimit() {
        func layer(_ number: UInt8, _ size: Int) -> SignedLayer {
            SignedLayer(blob: Descriptor(mediaType: "", digest: Digest(bytes: [UInt8](repeating: number, count: 32)), size: size))
        }
        let layers = [layer(1, 4), layer(2, 6)]
        #expect(SignedLimit.excess(of: layers, documents: 2, bytes: 10) == nil)
        #expect(SignedLimit.excess(of: layers, documents: 1, bytes: 10) == "1 documents")
        #expect(SignedLimit.excess(of: layers, documents: 2, bytes: 9)?.contains("9") == true)
    }

    @Test("a full disk is an error that names the folder, and leaves nothing behind") func fullDisk() throws {
        try withFolder { folder in
            #expect(try run("mount", ["-t", "tmpfs", "-o", "size=2m,mode=755", "none", folder.string]).code == 0)
            defer { _ = try? run("umount", [folder.string]) }
            let store = try ImageStore(root: folder.appending("root"))
            var tree = FileTree()
            let bytes = try noise(4_000_000)
            try tree.insert(.regular(FileContent(bytes: bytes), FileMetadata(mode: 0o644)), at: TreePath("noise"))
            let error = #expect(throws: StoreError.self) { try store.addLayer(tree) }
            #expect(error?.reason == .diskFull)
            #expect(error?.message.contains(store.folder.string) == true)
            #expect(error?.remedy != nil)
            for name in ["tmp", "blobs/sha256", "erofs", "layers"] {
                #expect(try FileManager.default.contentsOfDirectory(atPath: "\(store.folder)/\(name)") == [])
            }
            // And the store still works.
            _ = try store.writeBlob([1, 2, 3])
        }
    }

    @Test("what a killed process left is removed when nobody writes") func leftovers() throws {
        try withStore { store in
            let left = store.folder.appending("tmp").appending("123-abc")
            try write("half", to: left)
            let lock = try store.sharedLock()
            _ = try ImageStore(root: store.root)
            #expect(FileManager.default.fileExists(atPath: left.string))
            withExtendedLifetime(lock) {}
        }
        try withStore { store in
            let left = store.folder.appending("tmp").appending("123-abc")
            try write("half", to: left)
            _ = try ImageStore(root: store.root)
            #expect(!FileManager.default.fileExists(atPath: left.string))
        }
    }

    @Test("a root of somebody else is refused") func foreign() throws {
        try withFolder { folder in
            let root = folder.appending("root")
            try FileManager.default.createDirectory(atPath: root.string, withIntermediateDirectories: false)
            #expect(chown(root.string, 12_345, 12_345) == 0)
            let error = #expect(throws: StoreError.self) { try ImageStore(root: root) }
            #expect(error?.reason == .rootNotOwned)
            #expect(error?.fault == .user)
        }
    }

    @Test("a root that others may write to is refused") func writable() throws {
        try withFolder { folder in
            let root = folder.appending("root")
            try FileManager.default.createDirectory(atPath: root.string, withIntermediateDirectories: false)
            #expect(chmod(root.string, 0o777) == 0)
            let error = #expect(throws: StoreError.self) { try ImageStore(root: root) }
            #expect(error?.reason == .rootNotOwned)
        }
    }

    @Test("garbage is what no tag and no pin reaches") func garbage() throws {
        try withStore { store in
            let tagged = try addSample(to: store, "tagged")
            let pinned = try addSample(to: store, "pinned")
            let lost = try addSample(to: store, "lost")
            try store.tag(tagged.digest, as: "kept")
            let (removed, freed) = try store.collectGarbage(pinned: [pinned.digest])
            #expect(removed == 3)
            #expect(freed > 0)
            #expect(try store.image(tagged.digest) == tagged)
            #expect(try store.image(pinned.digest) == pinned)
            #expect(throws: StoreError.self) { try store.image(lost.digest) }
            #expect(try store.layer(diffID: lost.layers[1].diffID) == nil)
            #expect(try store.collectGarbage(pinned: [pinned.digest]) == (0, 0))
        }
    }

    @Test("who decides about a name excludes the other threads of his process, too") func naming() throws {
        try withStore { store in
            func isFree() throws -> Bool {
                let other = open("\(store.folder)/naming", O_RDWR | O_CLOEXEC)
                try #require(other >= 0)
                defer { close(other) }
                return flock(other, LOCK_EX | LOCK_NB) == 0
            }
            let isFreeMeanwhile = try store.withNaming { try isFree() }
            #expect(!isFreeMeanwhile)
            #expect(try isFree())
        }
    }

    @Test("the tags that a build gives keep nothing, and go with their image; a version keeps it, and stays") func garbageOfBuilds() throws {
        try withStore { store in
            let old = try addSample(to: store, "old")
            let released = try addSample(to: store, "released")
            for (name, image) in [("shop:build-1", old), ("shop:4a1b2c3d4e5f", old), ("shop:build-2", released), ("shop:1.4.0", released)] {
                try store.give(name, to: image.digest)
            }
            #expect(throws: StoreError.self) { try store.give("shop:1.4.0", to: old.digest) }
            #expect(throws: StoreError.self) { try store.give("shop:production", to: old.digest, environments: ["shop:production"]) }
            _ = try store.collectGarbage(pinned: [])
            #expect(try store.tags() == ["shop:build-2": released.digest, "shop:1.4.0": released.digest])
            #expect(throws: StoreError.self) { try store.image(old.digest) }
        }
    }

    @Test("garbage waits for whoever writes") func garbageWaits() throws {
        try withStore { store in
            let image = try addSample(to: store)
            try store.withSharedLock {
                let error = #expect(throws: StoreError.self) { try store.collectGarbage(pinned: []) }
                #expect(error?.reason == .busy)
            }
            #expect(try store.image(image.digest) == image)
            _ = try store.collectGarbage(pinned: [])
            #expect(try store.images().isEmpty)
        }
    }

    @Test("a lock ends with its process, also when it is killed") func lockDies() throws {
        try withStore { store in
            _ = try addSample(to: store)
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/bin/sh")
            process.arguments = ["-c", "exec 9<>\(store.folder)/lock; flock -s 9; echo held; exec sleep 600"]
            let pipe = Pipe()
            process.standardOutput = pipe
            try process.run()
            #expect(String(decoding: pipe.fileHandleForReading.availableData, as: UTF8.self) == "held\n")
            let error = #expect(throws: StoreError.self) { try store.collectGarbage(pinned: []) }
            #expect(error?.reason == .busy)
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            #expect(try store.collectGarbage(pinned: []).removedBlobs > 0)
        }
    }

    @Test("a layer in use stays") func garbageMounted() throws {
        try withStore { store in
            let image = try addSample(to: store)
            let path = try store.mount(image.layers[1]).appending("etc").appending("motd")
            let handle = try #require(FileHandle(forReadingAtPath: path.string))
            _ = try store.collectGarbage(pinned: [])
            #expect(try store.layer(diffID: image.layers[1].diffID) != nil)
            #expect(try store.layer(diffID: image.layers[0].diffID) == nil)
            try handle.close()
            _ = try store.collectGarbage(pinned: [])
            #expect(try store.layer(diffID: image.layers[1].diffID) == nil)
        }
    }
}
