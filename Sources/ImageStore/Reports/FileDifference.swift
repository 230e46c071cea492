/// How one path differs between two trees.
public struct FileDifference: Hashable, Sendable, Codable {
    public enum Change: Hashable, Sendable, Codable {
        case onlyInFirst
        case onlyInSecond
        /// What it is: `file`, `folder`, `opaque folder`, `link to X`, `hard link to X`, `device 1:3`, `pipe`, `whiteout`.
        case kind(first: String, second: String)
        /// The twelve bits of permissions.
        case mode(first: UInt16, second: UInt16)
        /// `user:group`, as numbers.
        case owner(first: String, second: String)
        /// In seconds since 1970.
        case time(first: Int64, second: Int64)
        /// An extended attribute whose value differs, or that only one has.
        case attribute(String)
        case content(ContentDifference)
    }

    /// Absolute in the image.
    public var path: String
    public var changes: [Change]
}

extension FileTree {
    /// Every path at which two trees differ, in canonical order. Content is compared byte by byte.
    ///
    /// - Parameter comparesTimes: whether a file that differs in its time only is named.
    public static func differences(_ first: FileTree, _ second: FileTree, comparesTimes: Bool = true) throws -> [FileDifference] {
        var found: [FileDifference] = []
        var (left, right) = (first.entries()[...], second.entries()[...])
        while let next = [left.first?.path, right.first?.path].compactMap({ $0 }).min() {
            let one = left.first?.path == next ? left.popFirst() : nil
            let other = right.first?.path == next ? right.popFirst() : nil
            let changes = try changes(one, other, comparesTimes)
            if !changes.isEmpty { found.append(FileDifference(path: next.description, changes: changes)) }
        }
        return found
    }

    private static func changes(_ first: Entry?, _ second: Entry?, _ comparesTimes: Bool) throws -> [FileDifference.Change] {
        guard let first else { return [.onlyInSecond] }
        guard let second else { return [.onlyInFirst] }
        var changes: [FileDifference.Change] = []
        let kinds = (first.kindName, second.kindName)
        if kinds.0 != kinds.1 { changes.append(.kind(first: kinds.0, second: kinds.1)) }
        let (one, other) = (first.node.metadata, second.node.metadata)
        if one.mode != other.mode { changes.append(.mode(first: one.mode, second: other.mode)) }
        let owners = ("\(one.userID):\(one.groupID)", "\(other.userID):\(other.groupID)")
        if owners.0 != owners.1 { changes.append(.owner(first: owners.0, second: owners.1)) }
        if comparesTimes, one.modified.seconds != other.modified.seconds {
            changes.append(.time(first: one.modified.seconds, second: other.modified.seconds))
        }
        for name in Set(one.attributes.keys).union(other.attributes.keys).sorted() where one.attributes[name] != other.attributes[name] {
            changes.append(.attribute(name))
        }
        if let content = first.node.content, let otherContent = second.node.content, first.linkTarget == nil, second.linkTarget == nil,
            let difference = try ContentDifference(content, otherContent)
        {
            changes.append(.content(difference))
        }
        return changes
    }
}

extension FileTree.Entry {
    fileprivate var kindName: String {
        if let linkTarget { return "hard link to \(linkTarget)" }
        switch node.kind {
        case .folder(let isOpaque): return isOpaque ? "opaque folder" : "folder"
        case .regular: return "file"
        case .symbolicLink(let target): return "link to \(String(decoding: target, as: UTF8.self))"
        case .characterDevice(let device), .blockDevice(let device): return "device \(device.major):\(device.minor)"
        case .fifo: return "pipe"
        case .whiteout: return "whiteout"
        }
    }
}
