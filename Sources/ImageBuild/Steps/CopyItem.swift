import ImageStore

/// One thing that COPY puts somewhere.
enum CopyItem: Sendable {
    /// A folder, of which the content is copied and not the folder itself.
    case folder(FileTree)
    case file(name: String, FileNode)
    /// An archive that is unpacked.
    case archive(FileContent)

    /// With owner, mode and time as the COPY wants them.
    ///
    /// - Parameter owner: `nil` leaves each file's own.
    func stamped(owner: FileOwner?, mode: FileModeChange?, date: SourceDate) -> CopyItem {
        switch self {
        case .file(let name, var node):
            Self.stamp(&node.metadata, owner: owner, mode: node.isSymbolicLink ? nil : mode, isFolder: false, date: date)
            return .file(name: name, node)
        case .folder(var tree):
            for entry in tree.entries() where entry.linkTarget == nil {
                let mode = entry.node.isSymbolicLink ? nil : mode
                tree.update(entry.id) { Self.stamp(&$0, owner: owner, mode: mode, isFolder: entry.node.isFolder, date: date) }
            }
            return .folder(tree)
        case .archive: return self
        }
    }

    private static func stamp(_ metadata: inout FileMetadata, owner: FileOwner?, mode: FileModeChange?, isFolder: Bool, date: SourceDate) {
        if let owner {
            metadata.userID = owner.user
            metadata.groupID = owner.group
        }
        if let mode { metadata.mode = mode.applied(to: metadata.mode, isFolder: isFolder) }
        metadata.modified = FileTime(seconds: Int64(date.second))
    }
}

extension FileTree {
    /// The part of the tree that a filter leaves, hard links among it kept.
    func filtered(by filter: CopyFilter) throws -> FileTree {
        guard !filter.isEmpty else { return self }
        var result = FileTree(root: self[.root].metadata, limits: limits)
        var names: [NodeID: TreePath] = [:]
        for entry in filter.selection(of: entries(), path: { String(decoding: $0.path.bytes, as: UTF8.self) }) where !entry.path.isRoot {
            if let first = names[entry.id] {
                try result.link(first, at: entry.path)
            } else {
                try result.insert(entry.node, at: entry.path)
                if nameCount(entry.id) > 1 { names[entry.id] = entry.path }
            }
        }
        return result
    }
}

/// Where the files of a COPY come from. It is asked in this order: for its key; then, only when no layer is known, to get
/// ready, for its items, to check, and in any case at last to end.
protocol CopySource: Sendable {
    /// Adds all that the copied files are.
    func append(to key: inout CacheKey.Builder) async throws
    /// Fetches or mounts what the items need.
    func prepare() async throws
    func items() throws -> [CopyItem]
    /// Throws when a file was changed while it was copied.
    func check() throws
    func end()
}

extension CopySource {
    func prepare() async throws {}
    func check() throws {}
    func end() {}
}

/// Finds what sources fit.
enum CopyMatching {
    /// An escaped character is none. Source: BuildKit, `containsWildcards`.
    static func hasWildcard(_ text: String) -> Bool {
        var isEscaped = false
        for byte in text.utf8 {
            if !isEscaped, "*?[".utf8.contains(byte) { return true }
            isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
        }
        return false
    }

    /// A source cut at its first `/./`: the folder that is copied from, and what of it, which keeps its parents.
    static func pivot(_ text: String) -> (folder: String, pattern: String) {
        guard let cut = text.firstRange(of: "/./") else { return ("/", text) }
        return (String(text[..<cut.lowerBound]), String(text[cut.upperBound...]))
    }
}

extension ExpandedCopy.Source {
    /// What is copied from where, with the filter of the COPY.
    func plan(_ copy: ExpandedCopy) throws(BuildError) -> (source: Self, filter: CopyFilter, isRequired: Bool) {
        var filter = CopyFilter(included: nil, excluded: copy.excluded)
        guard copy.keepsParents else { return (self, filter, false) }
        let (folder, pattern) = CopyMatching.pivot(text)
        if !RelativePath.clean(pattern).isEmpty { filter.included = try IgnoreRules(patterns: [pattern], at: location) }
        return (Self(text: folder, location: location), filter, !CopyMatching.hasWildcard(pattern))
    }
}
