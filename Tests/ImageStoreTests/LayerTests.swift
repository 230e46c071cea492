import ImageStore
import IngotModel
import SystemPackage
import Testing

@Suite("Layers") struct LayerTests {
    @Test("what is mounted is what was in the tree") func mounted() throws {
        try withStore { store in
            let tree = try sampleTree()
            let layer = try store.addLayer(tree)
            let path = try store.mount(layer)
            #expect(try listing(FileTree(upperFolder: path)) == listing(tree))
            #expect(try store.mount(layer) == path)
            try store.checkLayer(diffID: layer.diffID)
        }
    }

    @Test("fsck.erofs finds nothing wrong") func checked() throws {
        try withStore { store in
            let layer = try store.addLayer(sampleTree())
            let file = store.folder.appending("erofs").appending("\(layer.diffID.hex).erofs")
            let result = try run("fsck.erofs", [file.string])
            #expect(result.code == 0, "\(result.output)")
        }
    }

    @Test("an archive of a layer, read again, is the same tree and the same layer") func archived() throws {
        try withStore { store in
            let tree = try sampleTree()
            let layer = try store.addLayer(tree)
            let blob = store.folder.appending("blobs").appending("sha256").appending(layer.blob.digest.hex)
            let again = try store.readArchive(blob)
            #expect(try listing(again) == listing(tree))
            #expect(try store.addLayer(again) == layer)
            let listed = try run("tar", ["-tvzf", blob.string])
            #expect(listed.code == 0, "\(listed.output)")
        }
    }
}
