import Glibc
import ImageStore
import SystemPackage

/// The files of the context, as COPY sees them.
struct ContextSource: CopySource {
    let tree: ContextTree
    let digests: ContextDigests
    let rules: IgnoreRules
    let folder: FolderHandle

    func matches(_ sources: [ExpandedCopy.Source]) throws(BuildError) -> [ContextTree.Match] {
        var all: [ContextTree.Match] = []
        for source in sources {
            guard let matches = tree.matches(source.text) else {
                throw BuildError("invalid-pattern", at: source.location, "'\(source.text)' is not a pattern", hint: "close the [ or write \\[")
            }
            if matches.isEmpty, !CopyMatching.hasWildcard(source.text) { throw missing(source) }
            all += matches
        }
        try CopyMatching.check(all.count, of: sources)
        return all
    }

    private func missing(_ source: ExpandedCopy.Source) -> BuildError {
        let path = RelativePath.clean(source.text)
        let hint =
            rules.isIgnored(path)
            ? "a rule of .dockerignore leaves it out" : "paths are relative to the context \(tree.folder), not to the Dockerfile"
        return BuildError("source-missing", at: source.location, "'\(source.text)' is not in the context", hint: hint)
    }

    /// Names, kinds, modes and content of all that the matches hold.
    func append(_ matches: [ContextTree.Match], withModes: Bool, to key: inout CacheKey.Builder) throws(BuildError) {
        key.append(matches.count)
        for match in matches {
            let nodes = nodes(of: match)
            let digests = try digests.digests(of: nodes.filter { $0.kind == .regular })
            var next = digests.makeIterator()
            key.append(match.name)
            key.append(nodes.count)
            let base = tree.nodes[match.node].path.utf8.count
            for node in nodes {
                key.append(String(decoding: node.path.utf8.dropFirst(base), as: UTF8.self))
                key.append(withModes ? Int(node.mode) : -1)
                append(node.kind, &next, to: &key)
            }
        }
    }

    private func append(_ kind: ContextTree.Kind, _ digests: inout IndexingIterator<[ContentDigest]>, to key: inout CacheKey.Builder) {
        switch kind {
        case .folder: key.append("folder")
        case .link(let target): key.append(["link", target])
        case .regular:
            key.append("file")
            digests.next()?.withBytes { key.append($0) }
        }
    }

    func nodes(of match: ContextTree.Match) -> [ContextTree.Node] {
        var nodes: [ContextTree.Node] = []
        tree.walk(from: match.node) { nodes.append($0) }
        return nodes
    }

    func items(_ sources: [ExpandedCopy.Source]) throws -> [CopyItem] {
        try matches(sources).map { match in
            let node = tree.nodes[match.node]
            guard node.kind == .folder else { return .file(name: match.name, try fileNode(node)) }
            var result = FileTree(root: FileMetadata(mode: node.mode))
            for child in nodes(of: match).dropFirst() {
                let path = String(decoding: child.path.utf8.dropFirst(node.path.isEmpty ? 0 : node.path.utf8.count + 1), as: UTF8.self)
                try result.insert(fileNode(child), at: TreePath(path))
            }
            return .folder(result)
        }
    }

    private func fileNode(_ node: ContextTree.Node) throws -> FileNode {
        switch node.kind {
        case .folder: return .folder(FileMetadata(mode: node.mode))
        case .link(let target): return .symbolicLink(to: target)
        case .regular:
            let metadata = FileMetadata(mode: node.mode, attributes: try attributes(node))
            return .regular(FileContent(below: folder, path: FilePath(node.path), size: Int(node.identity.size)), metadata)
        }
    }

    private func attributes(_ node: ContextTree.Node) throws(BuildError) -> [String: [UInt8]] {
        let path = tree.folder.appending(node.path).string
        let file = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else { throw .system("open", path, number: errno) }
        defer { close(file) }
        return ImageAttributes.read(file)
    }

    /// Throws when one of the files was changed since it was scanned.
    func check(_ matches: [ContextTree.Match]) throws(BuildError) {
        for match in matches { try digests.check(nodes(of: match).filter { $0.kind == .regular }) }
    }
}
