public import ImageStore
public import IngotModel

/// What an image holds, layer by layer, and what of it nobody sees.
public struct ImageContents: Hashable, Sendable, Codable {
    public struct LayerPart: Hashable, Sendable, Codable {
        public var diffID: Digest
        /// What made it, as the history has it.
        public var instruction: String?
        /// The sum of its files' lengths.
        public var added: ByteSize = 0
        /// Of them, what a later layer deletes or replaces.
        public var hidden: ByteSize = 0
        /// Of what is hidden, files that a later layer has at the same path in the same length: mostly a change of owner or mode.
        public var rewritten: ByteSize = 0
    }

    /// The lowest first.
    public var layers: [LayerPart] = []
    /// Those that are seen, in the order of kind and path.
    public var notable: [NotableFile] = []
    /// How many of each kind there are: of a kind, no more than `mostNotable` are told.
    public var counts: [NotableFile.Kind: Int] = [:]
    public var sizes: [NotableFile.Kind: ByteSize] = [:]

    /// How many files of one kind are kept.
    public static let mostNotable = 200

    /// Walks the layers of an image. Throws only what the store throws.
    public static func of(_ image: Image, in store: ImageStore) throws -> ImageContents {
        var reader = ImageContentsReader(image)
        // From the top: what is above a file is known when it comes by.
        for layer in image.layers.reversed() {
            try store.walk(layer) { reader.add($0) }
            reader.endLayer()
        }
        return reader.finished()
    }
}

/// Takes up the names of an image's layers, the highest layer first.
struct ImageContentsReader {
    private var contents = ImageContents()
    private var index: Int
    /// What layers above have at a path that is no folder: the length of a file, or -1.
    private var covered: [[UInt8]: Int] = [:]
    private var opaque: Set<[UInt8]> = []
    private var coveredHere: [[UInt8]: Int] = [:]
    private var opaqueHere: Set<[UInt8]> = []

    init(_ image: Image) {
        let makers = image.configuration.history.filter { $0.emptyLayer != true }.map(\.createdBy)
        contents.layers = image.layers.enumerated().map { index, layer in
            ImageContents.LayerPart(diffID: layer.diffID, instruction: makers.count == image.layers.count ? makers[index] : nil)
        }
        index = image.layers.count - 1
    }

    mutating func add(_ entry: LayerEntry) { add(entry.path, entry.kind, size: entry.size, permissions: entry.permissions) }

    /// - Parameter path: without a leading slash.
    mutating func add(_ path: [UInt8], _ kind: LayerEntry.Kind, size: Int = 0, permissions: Int = 0) {
        if case .folder(let isOpaque) = kind {
            if isOpaque { opaqueHere.insert(path) }
        } else {
            coveredHere[path] = kind == .regular ? size : -1
        }
        contents.layers[index].added = contents.layers[index].added + ByteSize(size)
        guard !isHidden(path) else { return hide(path, kind, size) }
        note(path, kind, size, permissions)
    }

    private mutating func hide(_ path: [UInt8], _ kind: LayerEntry.Kind, _ size: Int) {
        contents.layers[index].hidden = contents.layers[index].hidden + ByteSize(size)
        guard kind == .regular, covered[path] == size else { return }
        contents.layers[index].rewritten = contents.layers[index].rewritten + ByteSize(size)
    }

    private mutating func note(_ path: [UInt8], _ kind: LayerEntry.Kind, _ size: Int, _ permissions: Int) {
        for notable in NotableFile.Kind.of(path: String(decoding: path, as: UTF8.self), kind: kind, permissions: permissions) {
            contents.counts[notable, default: 0] += 1
            contents.sizes[notable] = (contents.sizes[notable] ?? 0) + ByteSize(size)
            guard contents.counts[notable, default: 0] <= ImageContents.mostNotable else { continue }
            contents.notable.append(
                NotableFile(
                    kind: notable, path: "/" + String(decoding: path, as: UTF8.self), layer: contents.layers[index].diffID, size: ByteSize(size)))
        }
    }

    private func isHidden(_ path: [UInt8]) -> Bool {
        if covered[path] != nil { return true }
        for end in path.indices where path[end] == UInt8(ascii: "/") {
            let folder = Array(path[..<end])
            if covered[folder] != nil || opaque.contains(folder) { return true }
        }
        return false
    }

    mutating func endLayer() {
        covered.merge(coveredHere) { above, _ in above }
        opaque.formUnion(opaqueHere)
        (coveredHere, opaqueHere) = ([:], [])
        index -= 1
    }

    func finished() -> ImageContents {
        var contents = contents
        contents.notable.sort { ($0.kind.rawValue, $0.path) < ($1.kind.rawValue, $1.path) }
        return contents
    }
}
