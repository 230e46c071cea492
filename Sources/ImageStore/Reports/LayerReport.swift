public import IngotModel

/// What one instruction added to an image, and how much of it was for nothing.
public struct LayerReport: Hashable, Sendable, Codable {
    public var diffID: Digest
    /// As the history has it; `nil` when the image says nothing.
    public var instruction: String?
    public var files: Int
    /// The sum of its files' lengths; a file with two names counts once.
    public var added: ByteSize
    /// Of them, what later layers replace or remove: it is in the image, and nobody sees it.
    public var wasted: ByteSize
    /// As a registry has it.
    public var compressed: ByteSize
}

extension ImageStore {
    /// A report for each layer, the lowest first.
    public func layerReports(of image: Image) throws -> [LayerReport] {
        try withSharedLock { try LayerReport.reports(image.layers.map { try files(of: $0) }, of: image) }
    }
}

extension LayerReport {
    static func reports(_ trees: [FileTree], of image: Image) throws -> [LayerReport] {
        let makers = image.configuration.history.filter { $0.emptyLayer != true }.map(\.createdBy)
        var account = WasteAccount()
        var reports: [LayerReport] = []
        for (index, (layer, tree)) in zip(image.layers, trees).enumerated() {
            let entries = tree.entries().filter { $0.linkTarget == nil && $0.node.content != nil }
            let maker = makers.count == image.layers.count ? makers[index] : nil
            reports.append(
                LayerReport(
                    diffID: layer.diffID, instruction: maker, files: entries.count, added: ByteSize(entries.reduce(0) { $0 + $1.node.size }),
                    wasted: 0, compressed: ByteSize(layer.blob.size)))
            try account.put(tree, from: index)
        }
        for (index, bytes) in account.wasted { reports[index].wasted = ByteSize(bytes) }
        return reports
    }
}

/// Which layer each visible file is of, and what became invisible.
private struct WasteAccount {
    private(set) var wasted: [Int: Int] = [:]
    private var visible = FileTree()
    private var owners: [TreePath: (layer: Int, size: Int)] = [:]

    mutating func put(_ layer: FileTree, from index: Int) throws {
        let entries = layer.entries()
        for entry in entries where !entry.node.isFolder || entry.node.isOpaque { hide(entry.path) }
        try visible.apply(layer: layer)
        for entry in entries where entry.linkTarget == nil && entry.node.content != nil {
            owners[entry.path] = (index, entry.node.size)
        }
    }

    /// What stands at a path so far, and below it, is seen no more.
    private mutating func hide(_ path: TreePath) {
        guard let start = visible.find(path) else { return }
        var pending = [(path: path, id: start)]
        while let (path, id) = pending.popLast() {
            if let owner = owners.removeValue(forKey: path) { wasted[owner.layer, default: 0] += owner.size }
            for (name, child) in visible.children(of: id) { pending.append((path.appending(name), child)) }
        }
    }
}
