internal import FoundationEssentials
public import ImageStore
internal import IngotModel

extension BillOfMaterials {
    /// The bill of an image of the store. Layers that were read before are not read again.
    ///
    /// Throws only what the store throws; a file of the image that can't be read is a problem of the bill.
    public static func of(_ image: Image, in store: ImageStore) throws -> BillOfMaterials {
        try store.withSharedLock {
            try join(image: image.digest, image.layers.map { ($0.diffID, try LayerMaterials.of($0, in: store)) })
        }
    }
}

extension LayerMaterials {
    static let note = "materials-\(MaterialReader.revision)"

    static func of(_ layer: Layer, in store: ImageStore) throws -> LayerMaterials {
        if let note = store.note(note, about: layer.diffID), let known = try? JSONDecoder().decode(Self.self, from: Data(note)) { return known }
        var materials = LayerMaterials()
        try store.walk(layer) { materials.add($0) }
        materials.finish()
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try store.keepNote(Array(encoder.encode(materials)), Self.note, about: layer.diffID)
        return materials
    }
}
