import Synchronization
import SystemPackage

/// The files of a context as they were found, without what is ignored. Nothing is read but names and status, and a folder only
/// when somebody asks what is in it: a build that names `src` never looks into `.git`.
final class ContextTree: Sendable {
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
    }

    private struct State {
        var nodes: [Node]
        /// By folder, in the order of their names' bytes; absent until it is read.
        var children: [Int: [Int]] = [:]
        var verdicts: [Int: IgnoreRules.Verdict]
    }

    /// More files, and deeper folders, than this are refused.
    static let mostEntries = 1_000_000
    static let largestDepth = 128
    /// How many links are followed on one way. Source: Linux, path_resolution(7).
    static let mostLinks = 40

    let folder: FilePath
    private let scanner: ContextScanner
    private let state: Mutex<State>

    /// - Throws: `BuildError` when the folder is missing.
    init(_ folder: FilePath, ignoring rules: IgnoreRules = IgnoreRules()) throws(BuildError) {
        self.folder = folder
        scanner = try ContextScanner(folder, rules: rules)
        state = Mutex(State(nodes: [try scanner.root()], verdicts: [0: rules.root]))
    }

    /// What has been read so far.
    var nodes: [Node] { state.withLock { $0.nodes } }

    subscript(index: Int) -> Node { state.withLock { $0.nodes[index] } }

    /// What is in a folder; nothing for anything else.
    ///
    /// - Throws: `BuildError` when it can't be read, or the context is larger than its limits.
    func children(of index: Int) throws(BuildError) -> [Int] {
        let result = state.withLock { state in
            Result { () throws(BuildError) in try self.children(of: index, in: &state) }
        }
        return try result.get()
    }

    private func children(of index: Int, in state: inout State) throws(BuildError) -> [Int] {
        if let children = state.children[index] { return children }
        guard state.nodes[index].kind == .folder, let verdict = state.verdicts[index] else { return [] }
        var children: [Int] = []
        for entry in try scanner.entries(of: state.nodes[index].path, verdict: verdict) {
            guard state.nodes.count < Self.mostEntries else { throw .contextTooLarge("\(Self.mostEntries) files") }
            let child = state.nodes.count
            state.nodes.append(entry.node)
            guard entry.node.kind == .folder else {
                children.append(child)
                continue
            }
            state.verdicts[child] = entry.verdict
            // An ignored folder is there only if a rule takes back something in it.
            guard entry.verdict.isIgnored else {
                children.append(child)
                continue
            }
            if try !self.children(of: child, in: &state).isEmpty { children.append(child) } else { state.nodes.removeSubrange(child...) }
        }
        state.children[index] = children
        return children
    }

    func child(_ name: String, of index: Int) throws(BuildError) -> Int? {
        let children = try children(of: index)
        return state.withLock { state in
            var low = 0, high = children.count
            while low < high {
                let middle = (low + high) / 2
                if Self.precedes(state.nodes[children[middle]].name, name) { low = middle + 1 } else { high = middle }
            }
            return low < children.count && state.nodes[children[low]].name == name ? children[low] : nil
        }
    }

    /// In the order of bytes, which no locale changes.
    static func precedes(_ left: String, _ right: String) -> Bool { left.utf8.lexicographicallyPrecedes(right.utf8) }

    /// The node that a path leads to, its links followed inside the context and never out of it.
    func resolve(_ parts: [String], from start: [Int] = [0]) throws(BuildError) -> Int? {
        var trail = start
        var pending = Array(parts.reversed())
        var links = 0
        while let part = pending.popLast() {
            guard let current = trail.last else { return nil }
            if part == ".." {
                if trail.count > 1 { trail.removeLast() }
                continue
            }
            guard part != ".", let next = try child(part, of: current) else {
                if part == "." { continue }
                return nil
            }
            guard case .link(let target) = self[next].kind else {
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
    func matches(_ source: String) throws(BuildError) -> [Match]? {
        var matches = [Match(name: "", path: "", node: 0)]
        for part in RelativePath.parts(source) {
            guard let pattern = PathPattern(part, crossesFolders: false) else { return nil }
            var found: [Match] = []
            for match in matches { found += try self.matches(pattern, below: match) }
            matches = found
        }
        return matches
    }

    private func matches(_ pattern: PathPattern, below match: Match) throws(BuildError) -> [Match] {
        let literal = pattern.literalPrefix
        let candidates = literal.isWhole ? [try child(literal.text, of: match.node)].compactMap { $0 } : try children(of: match.node)
        var matches: [Match] = []
        for index in candidates {
            let node = self[index]
            guard literal.isWhole || pattern.matches(node.name), let target = try resolve(RelativePath.unresolvedParts(node.path)) else { continue }
            matches.append(Match(name: node.name, path: match.path.isEmpty ? node.name : "\(match.path)/\(node.name)", node: target))
        }
        return matches
    }

    /// Reads what a source will ask for, while there is nothing better to do. Whatever is wrong with it is told when it is asked.
    func lookAhead(_ source: String) {
        guard let matches = try? matches(source) else { return }
        for match in matches { _ = try? all(from: match.node) }
    }

    /// A node and all below it, each folder before what is in it.
    func all(from start: Int = 0) throws(BuildError) -> [Node] {
        var nodes: [Node] = []
        var pending = [start]
        while let index = pending.popLast() {
            nodes.append(self[index])
            pending += try children(of: index).reversed()
        }
        return nodes
    }
}

extension RelativePath {
    /// The parts of a path that was found, in which `..` does not occur.
    static func unresolvedParts(_ path: String) -> [String] { path.split(separator: "/").map(String.init) }
}
