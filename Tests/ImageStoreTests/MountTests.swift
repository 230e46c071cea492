import Foundation
import ImageStore
import IngotModel
import SystemPackage
import Testing

@Suite("Mounts") struct MountTests {
    @Test("an image's layers are an overlay's lower folders, with the mount points at the bottom") func overlay() throws {
        try withStore { store in
            let image = try addSample(to: store)
            let layers = try store.mountLayers(of: image, folders: ["/data/cache"])
            #expect(layers.count == 3)
            let root = store.root.appending("merged")
            try FileManager.default.createDirectory(atPath: root.string, withIntermediateDirectories: false)
            let lower = layers.reversed().map(\.string).joined(separator: ":")
            let mounted = try run("mount", ["-t", "overlay", "-o", "ro,lowerdir=\(lower)", "none", root.string])
            #expect(mounted.code == 0, "\(mounted.output)")
            defer { _ = try? run("umount", [root.string]) }
            #expect(try read(root.appending("etc").appending("motd")) == Array("hello".utf8))
            for name in ["proc", "dev", "sys", "run/secrets", "tmp", "etc/hosts", "etc/resolv.conf", "etc/hostname", "data/cache"] {
                #expect(FileManager.default.fileExists(atPath: "\(root)/\(name)"), "\(name)")
            }
            // An overlay keeps what it was made of, so unmounting takes nothing from it.
            try store.unmountAll()
            #expect(try read(root.appending("etc").appending("base")) == Array("base".utf8))
        }
    }

    @Test("an image with no layers has two lower folders still") func scratch() throws {
        try withStore { store in
            let image = try store.addImage(ImageConfiguration(), layers: [])
            #expect(try store.mountLayers(of: image).count == 2)
        }
    }

    @Test("a layer whose root is opaque hides all layers below it") func opaqueRoot() throws {
        try withStore { store in
            var tree = FileTree()
            try tree.insert(.folder(isOpaque: true), at: .root)
            let image = try addSample(to: store)
            let layers = image.layers + [try store.addLayer(tree)]
            #expect(try store.mountLayers(layers).count == 2)
        }
    }

    @Test("whiteouts and opaque folders hide what is below") func whiteouts() throws {
        try withStore { store in
            var lower = FileTree()
            for path in ["a/gone", "a/stays", "b/hidden"] { try lower.insert(.regular(.empty, FileMetadata(mode: 0o644)), at: TreePath(path)) }
            var upper = FileTree()
            try upper.insert(.whiteout, at: TreePath("a/gone"))
            try upper.insert(.folder(isOpaque: true), at: TreePath("b"))
            let layers = try store.mountLayers([store.addLayer(lower), store.addLayer(upper)])
            let root = store.root.appending("merged")
            try FileManager.default.createDirectory(atPath: root.string, withIntermediateDirectories: false)
            #expect(
                try run(
                    "mount", ["-t", "overlay", "-o", "ro,lowerdir=\(layers.reversed().map(\.string).joined(separator: ":"))", "none", root.string]
                ).code == 0)
            defer { _ = try? run("umount", [root.string]) }
            #expect(try FileManager.default.contentsOfDirectory(atPath: "\(root)/a") == ["stays"])
            #expect(try FileManager.default.contentsOfDirectory(atPath: "\(root)/b") == [])
            // What overlay shows is what the tree says it shows.
            var merged = lower
            try merged.apply(layer: upper)
            #expect(merged.find(try TreePath("a/gone")) == nil)
            #expect(merged.find(try TreePath("b/hidden")) == nil)
            #expect(merged.find(try TreePath("a/stays")) != nil)
        }
    }

    @Test("unmounting takes what is not used, and mounting brings it back") func unmount() throws {
        try withStore { store in
            let layer = try addSample(to: store).layers[0]
            let path = try store.mount(layer)
            try store.unmountUnused()
            #expect(!FileManager.default.fileExists(atPath: path.string))
            #expect(try store.mount(layer) == path)
        }
    }

    @Test("many at once mount a layer once") func concurrent() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            let path = "/tmp/ingot-store-concurrent-\(UInt64.random(in: .min ... .max))"
            defer { try? FileManager.default.removeItem(atPath: path) }
            let layer = try ImageStore(root: FilePath(path)).addLayer(sampleTree())
            for _ in 0..<16 { group.addTask { _ = try ImageStore(root: FilePath(path)).mount(layer) } }
            try await group.waitForAll()
            // A file of /proc has no size, and comes in parts: `String(contentsOfFile:)` takes the first for all of it.
            let table = String(decoding: try #require(FileHandle(forReadingAtPath: "/proc/self/mountinfo")).readDataToEndOfFile(), as: UTF8.self)
            let lines = table.split(separator: "\n").filter { $0.contains(path) }
            #expect(lines.count == 1)
            try ImageStore(root: FilePath(path)).unmountAll()
        }
    }

    @Test("a store on an overlay mounts through loop devices") func loop() throws {
        try withFolder { folder in
            for name in ["lower", "upper", "work", "merged"] {
                try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: false)
            }
            let options = "lowerdir=\(folder)/lower,upperdir=\(folder)/upper,workdir=\(folder)/work"
            #expect(try run("mount", ["-t", "overlay", "-o", options, "none", "\(folder)/merged"]).code == 0)
            defer { _ = try? run("umount", ["\(folder)/merged"]) }
            let store = try ImageStore(root: folder.appending("merged").appending("root"))
            let tree = try sampleTree()
            let path = try store.mount(store.addLayer(tree))
            defer { try? store.unmountAll() }
            #expect(try listing(FileTree(upperFolder: path)) == listing(tree))
            #expect(try run("findmnt", ["-n", "-o", "SOURCE", path.string]).output.hasPrefix("/dev/loop"))
        }
    }

    @Test("the protection that is reported is one that is in force") func protection() throws {
        try withStore { store in
            let layer = try store.addLayer(sampleTree())
            #expect(try store.protection(of: layer) == ImageStore.rootProtection(root: store.root))
        }
    }
}
