public import ImageStore
public import IngotModel

/// How much of earlier builds is kept for later ones. Layers that an image has are no part of it: they go with the image.
public struct BuildCachePolicy: Hashable, Sendable, Codable {
    /// What no build used for longer goes; no limit when `nil`.
    public var maximumAge: Milliseconds?
    /// The least recently used go until the rest takes less; no limit when `nil`.
    public var maximumSize: ByteSize?

    public init(maximumAge: Milliseconds? = nil, maximumSize: ByteSize? = nil) {
        self.maximumAge = maximumAge
        self.maximumSize = maximumSize
    }

    /// What holds after every build.
    public static let standard = BuildCachePolicy(maximumAge: .minutes(60 * 24 * 30), maximumSize: .gibibytes(20))

    /// The layers that have to go.
    ///
    /// - Parameter layers: the least recently used first.
    func excess(of layers: [RetainedLayer], nowSecond: Int) -> [RetainedLayer] {
        var size = layers.filter { !$0.isInImage }.reduce(0) { $0 + $1.size.bytes }
        return layers.filter { layer in
            let isOld = maximumAge.map { nowSecond - layer.usedAtSecond > $0.count / 1000 } ?? false
            let isTooMuch = maximumSize.map { size > $0.bytes && !layer.isInImage } ?? false
            guard isOld || isTooMuch else { return false }
            if !layer.isInImage { size -= layer.size.bytes }
            return true
        }
    }
}

/// What pruning the build cache removed, or would remove.
public struct BuildCachePruning: Hashable, Sendable, Codable {
    public var layers: [RetainedLayer]
    /// On disk. Layers that an image has free nothing.
    public var freed: ByteSize
}
