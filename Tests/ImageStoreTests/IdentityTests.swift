import Glibc
import IngotModel
import SystemPackage
import Testing

@testable import ImageStore

@Suite("UUIDs of mountable forms") struct IdentityTests {
    private func uuid(of layer: Layer, in store: ImageStore) throws -> [UInt8] {
        try ErofsFormat.uuid(inBlock: read(store.erofsPath(of: layer.diffID)))
    }

    /// As images were written before each had a UUID of its own; with the checksum that belongs to it.
    private func set(_ uuid: [UInt8], of layer: Layer, in store: ImageStore) throws {
        let path = store.erofsPath(of: layer.diffID)
        let block = try ErofsFormat.block(Array(read(path).prefix(ErofsFormat.blockLength)), with: uuid)
        let file = try OpenFile(path, O_WRONLY)
        try block.withUnsafeBytes { try file.write($0, at: 0) }
    }

    private func tree(_ text: String) throws -> FileTree {
        var tree = FileTree()
        try tree.insert(.regular(FileContent(text: text), FileMetadata(mode: 0o644)), at: TreePath("file"))
        return tree
    }

    @Test("differ where contents do, and are of version 8") func differ() throws {
        try withStore { store in
            let layers = try ["a", "b"].map { try store.addLayer(tree($0)) }
            let uuids = try layers.map { try uuid(of: $0, in: store) }
            #expect(uuids[0] != uuids[1])
            for uuid in uuids { #expect(uuid[6] >> 4 == 8 && uuid[8] >> 6 == 2) }
            for layer in layers { try store.checkLayer(diffID: layer.diffID) }
            #expect(try withStore { try uuid(of: $0.addLayer(tree("a")), in: $0) } == uuids[0])
        }
    }

    @Test("that all layers shared, as older stores have them, are read and found right, and are replaced when the layer is made again")
    func older() throws {
        try withStore { store in
            let layer = try store.addLayer(tree("a"))
            try set(ErofsFormat.commonUUID, of: layer, in: store)
            try store.checkLayer(diffID: layer.diffID)
            let folder = try store.mount(layer)
            #expect(try read(folder.appending("file")) == Array("a".utf8))
            #expect(try store.addLayer(tree("a")) == layer)
            #expect(try uuid(of: layer, in: store) != ErofsFormat.commonUUID)
            try store.checkLayer(diffID: layer.diffID)
            // Who had it mounted goes on reading what was there.
            #expect(try read(folder.appending("file")) == Array("a".utf8))
        }
    }

    @Test("that are another layer's, or do not fit their checksum, are a change") func changed() throws {
        try withStore { store in
            let layers = try ["a", "b"].map { try store.addLayer(tree($0)) }
            try set(uuid(of: layers[1], in: store), of: layers[0], in: store)
            #expect(throws: StoreError.self) { try store.checkLayer(diffID: layers[0].diffID) }
            let file = try OpenFile(store.erofsPath(of: layers[1].diffID), O_WRONLY)
            try ErofsFormat.commonUUID.withUnsafeBytes { try file.write($0, at: ErofsFormat.uuidOffset) }
            #expect(throws: StoreError.self) { try store.checkLayer(diffID: layers[1].diffID) }
        }
    }
}
