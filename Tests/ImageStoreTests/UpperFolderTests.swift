import Foundation
import ImageStore
import IngotModel
import SystemPackage
import Testing

@Suite("Upper folders") struct UpperFolderTests {
    /// Mounts a layer below an overlay that can be written to, runs a script in it, and gives what it wrote as a tree.
    private func changes(_ store: ImageStore, by script: String, to lower: FileTree) throws -> FileTree {
        let layers = try store.mountLayers([store.addLayer(lower)])
        let folder = store.root.appending("overlay")
        for name in ["", "upper", "work", "merged"] {
            try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
        }
        let lowerFolders = layers.reversed().map(\.string).joined(separator: ":")
        let options = "lowerdir=\(lowerFolders),upperdir=\(folder)/upper,workdir=\(folder)/work,index=on,redirect_dir=off,metacopy=off"
        #expect(try run("mount", ["-t", "overlay", "-o", options, "none", "\(folder)/merged"]).code == 0)
        defer { _ = try? run("umount", ["\(folder)/merged"]) }
        let result = try run("sh", ["-ec", "cd \(folder)/merged; \(script)"])
        #expect(result.code == 0, "\(result.output)")
        return try FileTree(upperFolder: folder.appending("upper"))
    }

    private func lower() throws -> FileTree {
        var tree = FileTree()
        for path in ["a/one", "a/two", "b/old"] { try tree.insert(.regular(FileContent(text: path), FileMetadata(mode: 0o644)), at: TreePath(path)) }
        try tree.insert(.regular(.empty, FileMetadata(mode: 0o644, attributes: ["user.note": Array("kept".utf8)])), at: TreePath("a/noted"))
        return tree
    }

    @Test("what a step removed, replaced, linked and marked is in the tree") func changes() throws {
        try withStore { store in
            let tree = try changes(
                store,
                by: """
                    rm a/one; rm -r b; mkdir b; echo new > b/new; ln b/new b/again; ln -s /etc/passwd a/link
                    mkfifo a/pipe; mknod a/null c 1 3; chown 12:34 a/noted; chmod 4711 a/noted
                    """, to: lower())
            #expect(tree.node(at: try TreePath("a/one"))?.isWhiteout == true)
            #expect(tree.node(at: try TreePath("a/two")) == nil)
            #expect(tree.node(at: try TreePath("b"))?.isOpaque == true)
            #expect(tree.find(try TreePath("b/new")) == tree.find(try TreePath("b/again")))
            #expect(tree.node(at: try TreePath("a/link"))?.isSymbolicLink == true)
            let noted = try #require(tree.node(at: TreePath("a/noted")))
            #expect(noted.metadata.mode == 0o4711)
            #expect((noted.metadata.userID, noted.metadata.groupID) == (12, 34))
            #expect(noted.metadata.attributes == ["user.note": Array("kept".utf8)])
            // Only what is of this host's overlay is left out.
            for entry in tree.entries() { #expect(!entry.node.metadata.attributes.keys.contains { $0.hasPrefix("trusted.") }) }
            // The layer of it, on the lower one, shows what the overlay showed.
            var expected = try lower()
            try expected.apply(layer: tree)
            #expect(expected.find(try TreePath("b/old")) == nil)
            #expect(expected.node(at: try TreePath("b/new"))?.size == 4)
            let layer = try store.addLayer(tree)
            #expect(try store.readArchive(store.folder.appending("blobs").appending("sha256").appending(layer.blob.digest.hex)).count == tree.count)
        }
    }

    @Test("a link out of the folder is a node, and is not followed") func link() throws {
        try withFolder { folder in
            try FileManager.default.createSymbolicLink(atPath: "\(folder)/out", withDestinationPath: "/etc")
            let tree = try FileTree(upperFolder: folder)
            #expect(try listing(tree).dropFirst().allSatisfy { $0.hasSuffix("-> /etc") })
        }
    }

    @Test("a file that was made a link after the walk is not read") func swapped() throws {
        try withStore { store in
            let folder = store.root.appending("upper")
            try FileManager.default.createDirectory(atPath: folder.string, withIntermediateDirectories: false)
            try write("0123456789", to: folder.appending("file"))
            let tree = try FileTree(upperFolder: folder)
            try FileManager.default.removeItem(atPath: "\(folder)/file")
            try FileManager.default.createSymbolicLink(atPath: "\(folder)/file", withDestinationPath: "/etc/passwd")
            #expect(throws: StoreError.self) { try store.addLayer(tree) }
            #expect(try FileManager.default.contentsOfDirectory(atPath: store.folder.appending("tmp").string).isEmpty)
        }
    }

    @Test("a file that became shorter is an error") func shortened() throws {
        try withStore { store in
            let file = store.root.appending("file")
            try write("0123456789", to: file)
            var tree = FileTree()
            try tree.insert(.regular(FileContent(file: file), FileMetadata(mode: 0o644)), at: TreePath("file"))
            let handle = try #require(FileHandle(forWritingAtPath: file.string))
            try handle.truncate(atOffset: 3)
            let error = #expect(throws: StoreError.self) { try store.addLayer(tree) }
            #expect(error?.reason == .sourceChanged)
        }
    }

    @Test("names that an image would take for whiteouts are refused") func whiteoutNames() throws {
        try withStore { store in
            var tree = FileTree()
            try tree.insert(.regular(.empty, FileMetadata(mode: 0o644)), at: TreePath("a/.wh.b"))
            let error = #expect(throws: StoreError.self) { try store.addLayer(tree) }
            #expect(error?.reason == .unsafePath)
        }
    }
}
