public import ImageStore
internal import IngotModel

/// Bills of many images one after the other: what a layer says is read once for all that share it.
public struct BillReader {
    private let store: ImageStore
    private var known: [Digest: LayerMaterials] = [:]

    /// A layer's record has some hundred kilobytes.
    private static let keptLayers = 256

    public init(_ store: ImageStore) { self.store = store }

    /// Throws only what the store throws; a file of the image that can't be read is a problem of the bill.
    public mutating func bill(of image: Image) throws -> BillOfMaterials {
        let layers = try store.withSharedLock { try image.layers.map { ($0.diffID, try materials(of: $0)) } }
        return BillOfMaterials.join(image: image.digest, layers)
    }

    private mutating func materials(of layer: Layer) throws -> LayerMaterials {
        if let materials = known[layer.diffID] { return materials }
        let materials = try LayerMaterials.of(layer, in: store)
        if known.count >= Self.keptLayers { known.removeAll() }
        known[layer.diffID] = materials
        return materials
    }
}
