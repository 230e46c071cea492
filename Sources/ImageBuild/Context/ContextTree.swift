import SystemPackage

/// The files of a context as they were found, without what is ignored. Nothing is read but names and status.
struct ContextTree: Sendable {
    enum Kind: Hashable, Sendable {
        case folder
        case regular
        /// Where the link leads, as it stands in it.
        case link(String)
    }

    struct Node: Sendable {
        var name: String
        /// Relative to the context; empty for the context itself.
        var path: String
        var kind: Kind
        var mode: UInt16
        var identity: FileIdentity
        /// In the order of their names' bytes.
        var children: [Int] = []
    }

    /// More files, and deeper folders, than this are refused.
    static let mostEntries = 1_000_000
    static let largestDepth = 128
    /// How many links are followed on one way. Source: Linux, path_resolution(7).
    static let mostLinks = 40

    var nodes: [Node]
    let folder: FilePath

    init(root: Node, folder: FilePath) {
        nodes = [root]
        self.folder = folder
    }

    func child(_ name: String, of index: Int) -> Int? {
        let children = nodes[index].children
        var low = 0, high = children.count
        while low < high {
            let middle = (low + high) / 2
            if Self.precedes(nodes[children[middle]].name, name) { low = middle + 1 } else { high = middle }
        }
        return low < children.count && nodes[children[low]].name == name ? children[low] : nil
    }

    /// In the order of bytes, which no locale changes.
    static func precedes(_ left: String, _ right: String) -> Bool { left.utf8.lexicographicallyPrecedes(right.utf8) }

    /// The node that a path leads to, its links followed inside the context and never out of it.
    func resolve(_ parts: [String], from start: [Int] = [0]) -> Int? {
        var trail = start
        var pending = Array(parts.reversed())
        var links = 0
        while let part = pending.popLast() {
            guard let current = trail.last else { return nil }
            if part == ".." {
                if trail.count > 1 { trail.removeLast() }
                continue
            }
            guard part != ".", let next = child(part, of: current) else {
                if part == "." { continue }
                return nil
            }
            guard case .link(let target) = nodes[next].kind else {
                trail.append(next)
                continue
            }
            links += 1
            guard links <= Self.mostLinks else { return nil }
            if target.hasPrefix("/") { trail = [0] }
            pending += target.split(separator: "/").map(String.init).reversed()
        }
        return trail.last
    }

    /// A name that a source of COPY fits, and the node it leads to when its own link is followed.
    struct Match: Hashable, Sendable {
        var name: String
        var path: String
        var node: Int
    }

    /// All that a source fits, in the order of names; nothing when there is no such file.
    ///
    /// `nil` when a part of it is not a pattern.
    func matches(_ source: String) -> [Match]? {
        var matches = [Match(name: "", path: "", node: 0)]
        for part in RelativePath.parts(source) {
            guard let pattern = PathPattern(part, crossesFolders: false) else { return nil }
            matches = matches.flatMap { self.matches(pattern, below: $0) }
        }
        return matches
    }

    private func matches(_ pattern: PathPattern, below match: Match) -> [Match] {
        let literal = pattern.literalPrefix
        let candidates = literal.isWhole ? [child(literal.text, of: match.node)].compactMap { $0 } : nodes[match.node].children
        return candidates.compactMap { index in
            let node = nodes[index]
            guard literal.isWhole || pattern.matches(node.name) else { return nil }
            guard let target = resolve(RelativePath.unresolvedParts(node.path)) else { return nil }
            return Match(name: node.name, path: match.path.isEmpty ? node.name : "\(match.path)/\(node.name)", node: target)
        }
    }

    /// A node and all below it, each folder before what is in it.
    func walk(from start: Int, _ body: (Node) throws -> Void) rethrows {
        var pending = [start]
        while let index = pending.popLast() {
            try body(nodes[index])
            pending += nodes[index].children.reversed()
        }
    }
}

extension RelativePath {
    /// The parts of a path that was found, in which `..` does not occur.
    static func unresolvedParts(_ path: String) -> [String] { path.split(separator: "/").map(String.init) }
}
