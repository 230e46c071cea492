import ImageStore
import SystemPackage

/// One thing that COPY puts somewhere.
enum CopyItem: Sendable {
    /// A folder, of which the content is copied and not the folder itself.
    case folder(FileTree)
    case file(name: String, FileNode)

    /// With owner, mode and time as the COPY wants them.
    func stamped(owner: FileOwner, mode: UInt16?, date: SourceDate) -> CopyItem {
        switch self {
        case .file(let name, var node):
            Self.stamp(&node.metadata, owner: owner, mode: node.isSymbolicLink ? nil : mode, date: date)
            return .file(name: name, node)
        case .folder(var tree):
            for entry in tree.entries() {
                let mode = entry.node.isSymbolicLink ? nil : mode
                tree.update(entry.id) { Self.stamp(&$0, owner: owner, mode: mode, date: date) }
            }
            return .folder(tree)
        }
    }

    private static func stamp(_ metadata: inout FileMetadata, owner: FileOwner, mode: UInt16?, date: SourceDate) {
        metadata.userID = owner.user
        metadata.groupID = owner.group
        if let mode { metadata.mode = mode }
        metadata.modified = FileTime(seconds: Int64(date.second))
    }
}

/// Where the files of a COPY come from.
protocol CopySource: Sendable {
    /// All that the sources fit, in their order.
    func items(_ sources: [ExpandedCopy.Source]) throws -> [CopyItem]
}

/// Finds what sources fit. A source with a wildcard may fit nothing as long as another fits something.
enum CopyMatching {
    static func check(_ count: Int, of copy: [ExpandedCopy.Source]) throws(BuildError) {
        guard count == 0, let first = copy.first else { return }
        throw BuildError("source-missing", at: first.location, "nothing fits '\(first.text)'")
    }

    static func hasWildcard(_ text: String) -> Bool { text.utf8.contains { "*?[".utf8.contains($0) } }
}
