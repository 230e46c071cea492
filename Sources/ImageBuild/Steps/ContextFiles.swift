import ImageStore
import IngotModel
import SystemPackage

/// What the sources of one COPY take from a context.
struct ContextFiles: CopySource {
    /// One match of a source, and what of it is copied.
    private struct Selection {
        var name: String
        /// The node that matched, its own link followed, and, if it is a folder, what is below it; each folder first.
        var nodes: [ContextTree.Node]

        func path(of node: ContextTree.Node) -> String { CopyMatching.path(node.path, below: nodes.first?.path ?? "") }
    }

    private let context: ContextSource
    private let copy: ExpandedCopy
    private let spool: FilePath
    private var selections: [Selection] = []

    init(_ sources: [ExpandedCopy.Source], of context: ContextSource, _ copy: ExpandedCopy, spool: FilePath) throws(BuildError) {
        self.context = context
        self.copy = copy
        self.spool = spool
        for source in sources { try add(source) }
    }

    private mutating func add(_ written: ExpandedCopy.Source) throws(BuildError) {
        let (source, filter, isRequired) = try written.plan(copy)
        var isFound = false
        for match in try context.matches(source) {
            let top = context.tree[match.node]
            guard top.kind == .folder else {
                if !copy.keepsParents, filter.accepts(fileNamed: match.name) { selections.append(Selection(name: match.name, nodes: [top])) }
                continue
            }
            let nodes = try filter.selection(of: context.tree.all(from: match.node)) { CopyMatching.path($0.path, below: top.path) }
            isFound = isFound || nodes.count > 1
            if !copy.keepsParents || nodes.count > 1 { selections.append(Selection(name: match.name, nodes: nodes)) }
        }
        if isRequired, !isFound { throw context.missing(written) }
    }

    var isEmpty: Bool { selections.isEmpty }

    // MARK: The key

    func append(to key: inout CacheKey.Builder) throws {
        let withModes = copy.mode?.isAbsolute != true
        key.append("context")
        key.append(selections.count)
        for selection in selections { try append(selection, withModes: withModes, to: &key) }
    }

    private func append(_ selection: Selection, withModes: Bool, to key: inout CacheKey.Builder) throws {
        let files = selection.nodes.filter { $0.kind == .regular }
        let digests = try context.digests.digests(of: files)
        var next = digests.makeIterator()
        var seen: [FileIdentity: Int] = [:]
        key.append(selection.name)
        key.append(selection.nodes.count)
        for (place, node) in selection.nodes.enumerated() {
            key.append(selection.path(of: node))
            key.append(withModes ? Int(node.mode) : -1)
            switch node.kind {
            case .folder:
                key.append("folder")
                try append(context.attributes(node), to: &key)
            case .link(let target): key.append(["link", target])
            case .regular:
                key.append("file")
                next.next()?.withBytes { key.append($0) }
                // Two names of one file become two names of one file.
                key.append(seen[node.identity] ?? place)
                if seen[node.identity] == nil { seen[node.identity] = place }
            }
        }
    }

    private func append(_ attributes: [String: [UInt8]], to key: inout CacheKey.Builder) {
        key.append(attributes.count)
        for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
            key.append(name)
            value.withUnsafeBytes { key.append($0) }
        }
    }

    // MARK: The files

    func items() throws -> [CopyItem] { try selections.map(item) }

    private func item(_ selection: Selection) throws -> CopyItem {
        guard let top = selection.nodes.first, top.kind == .folder else { return try file(selection) }
        var tree = FileTree(root: try context.fileNode(top).metadata)
        var names: [FileIdentity: TreePath] = [:]
        for node in selection.nodes.dropFirst() {
            let place = try TreePath(selection.path(of: node))
            if node.kind == .regular, let first = names[node.identity] {
                try tree.link(first, at: place)
            } else {
                try tree.insert(context.fileNode(node), at: place)
                if node.kind == .regular { names[node.identity] = place }
            }
        }
        return .folder(tree)
    }

    private func file(_ selection: Selection) throws -> CopyItem {
        let node = try context.fileNode(selection.nodes[0])
        if copy.keyword == .add, copy.unpacks != false, let content = node.content, try Archive.isArchive(content, spool: spool) {
            return .archive(content)
        }
        return .file(name: selection.name, node)
    }

    /// Throws when one of the files was changed since it was scanned.
    func check() throws {
        for selection in selections { try context.digests.check(selection.nodes.filter { $0.kind == .regular }) }
    }
}

extension CopyMatching {
    /// A path relative to a folder above it.
    static func path(_ path: String, below folder: String) -> String {
        String(decoding: path.utf8.dropFirst(folder.isEmpty ? 0 : folder.utf8.count + 1), as: UTF8.self)
    }
}
