import Glibc
import SystemPackage

/// Walks the folder of a context, descriptor by descriptor, and follows no link.
///
/// Sockets, devices and pipes are left out: they have no content that an image could hold.
struct ContextScanner {
    private let rules: IgnoreRules
    private var tree: ContextTree

    /// - Throws: `BuildError` when the folder is missing, or larger than its limits.
    static func scan(_ folder: FilePath, ignoring rules: IgnoreRules) throws(BuildError) -> ContextTree {
        let descriptor = open(folder.string, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .contextMissing(folder, SystemFailure.current) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system("look at", folder.string, number: errno) }
        var scanner = ContextScanner(rules: rules, tree: ContextTree(root: node(name: "", path: "", kind: .folder, status), folder: folder))
        try scanner.read(descriptor, index: 0, verdict: rules.root, depth: 0)
        return scanner.tree
    }

    private static func node(name: String, path: String, kind: ContextTree.Kind, _ status: stat) -> ContextTree.Node {
        ContextTree.Node(name: name, path: path, kind: kind, mode: UInt16(status.st_mode & 0o7777), identity: FileIdentity(status))
    }

    /// Reads one folder and all below it, and closes the descriptor.
    private mutating func read(_ descriptor: CInt, index: Int, verdict: IgnoreRules.Verdict, depth: Int) throws(BuildError) {
        let path = tree.nodes[index].path
        guard depth < ContextTree.largestDepth else { throw .contextTooLarge("\(ContextTree.largestDepth) folders deep") }
        guard let stream = fdopendir(descriptor) else { throw .system("read the folder", path, number: errno) }
        defer { closedir(stream) }
        for name in try names(stream, path: path) {
            let childPath = path.isEmpty ? name : "\(path)/\(name)"
            let childVerdict = rules.isEmpty ? verdict : rules.verdict(childPath, parent: verdict)
            try readEntry(name, childPath, in: dirfd(stream), of: index, verdict: childVerdict, depth: depth)
        }
    }

    private func names(_ stream: OpaquePointer, path: String) throws(BuildError) -> [String] {
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(validatingCString: $0) }
            }
            guard let name else { throw .nameNotText(path) }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted(by: ContextTree.precedes)
    }

    private mutating func readEntry(
        _ name: String, _ path: String, in folder: CInt, of parent: Int, verdict: IgnoreRules.Verdict, depth: Int
    ) throws(BuildError) {
        var status = stat()
        guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            if errno == ENOENT { return }
            throw .system("look at", path, number: errno)
        }
        switch status.st_mode & S_IFMT {
        case S_IFDIR:
            try readFolder(Self.node(name: name, path: path, kind: .folder, status), in: folder, of: parent, verdict: verdict, depth: depth)
        case S_IFREG where !verdict.isIgnored:
            try add(Self.node(name: name, path: path, kind: .regular, status), to: parent)
        case S_IFLNK where !verdict.isIgnored:
            try add(Self.node(name: name, path: path, kind: .link(try target(name, path, in: folder)), status), to: parent)
        default: break
        }
    }

    /// An ignored folder is looked into only when a rule may take something back, and stays only when one did.
    private mutating func readFolder(
        _ node: ContextTree.Node, in folder: CInt, of parent: Int, verdict: IgnoreRules.Verdict, depth: Int
    ) throws(BuildError) {
        if verdict.isIgnored, !rules.mayInclude(below: node.path) { return }
        let descriptor = openat(folder, node.name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system("open the folder", node.path, number: errno) }
        let index = try add(node, to: parent)
        try read(descriptor, index: index, verdict: verdict, depth: depth + 1)
        if verdict.isIgnored, tree.nodes[index].children.isEmpty { tree.nodes[parent].children.removeAll { $0 == index } }
    }

    @discardableResult
    private mutating func add(_ node: ContextTree.Node, to parent: Int) throws(BuildError) -> Int {
        guard tree.nodes.count < ContextTree.mostEntries else { throw .contextTooLarge("\(ContextTree.mostEntries) files") }
        tree.nodes.append(node)
        tree.nodes[parent].children.append(tree.nodes.count - 1)
        return tree.nodes.count - 1
    }

    private func target(_ name: String, _ path: String, in folder: CInt) throws(BuildError) -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let count = readlinkat(folder, name, &buffer, Int(PATH_MAX))
        guard count >= 0 else { throw .system("read the link", path, number: errno) }
        guard let target = String(validating: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) else { throw .nameNotText(path) }
        return target
    }
}
