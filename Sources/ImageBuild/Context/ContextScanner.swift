import Glibc
import SystemPackage

/// Reads the folders of a context, one at a time, and follows no link.
///
/// Sockets, devices and pipes are left out: they have no content that an image could hold.
struct ContextScanner: Sendable {
    struct Entry {
        var node: ContextTree.Node
        var verdict: IgnoreRules.Verdict
    }

    private let folder: MountedTree
    private let rules: IgnoreRules

    /// - Throws: `BuildError` when the folder is missing.
    init(_ path: FilePath, rules: IgnoreRules) throws(BuildError) {
        do { folder = try MountedTree(path) } catch { throw .contextMissing(path, SystemFailure.current) }
        self.rules = rules
    }

    /// The context's own folder.
    func root() throws(BuildError) -> ContextTree.Node {
        let descriptor = try open("")
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system("look at", folder.path.string, number: errno) }
        return Self.node(name: "", path: "", kind: .folder, status)
    }

    /// What is in one folder, in the order of the names' bytes, without what is ignored. Of ignored folders those stay in which a rule
    /// may take something back.
    func entries(of path: String, verdict: IgnoreRules.Verdict) throws(BuildError) -> [Entry] {
        guard let stream = fdopendir(try open(path)) else { throw .system("read the folder", path, number: errno) }
        defer { closedir(stream) }
        var entries: [Entry] = []
        for name in try names(stream, path: path) {
            let childPath = path.isEmpty ? name : "\(path)/\(name)"
            let childVerdict = rules.isEmpty ? verdict : rules.verdict(childPath, parent: verdict)
            guard let node = try node(name, childPath, in: dirfd(stream), isIgnored: childVerdict.isIgnored) else { continue }
            entries.append(Entry(node: node, verdict: childVerdict))
        }
        return entries
    }

    private func open(_ path: String) throws(BuildError) -> CInt {
        let parts = RelativePath.unresolvedParts(path)
        guard parts.count < ContextTree.largestDepth else { throw .contextTooLarge("\(ContextTree.largestDepth) folders deep") }
        guard let descriptor = try folder.open(parts, O_RDONLY | O_DIRECTORY | O_NOFOLLOW) else {
            throw .contextChanged(folder.path.appending(path).string)
        }
        return descriptor
    }

    private func names(_ stream: OpaquePointer, path: String) throws(BuildError) -> [String] {
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(validatingCString: $0) }
            }
            guard let name else { throw .nameNotText(path) }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted(by: ContextTree.precedes)
    }

    /// `nil` for what is left out.
    private func node(_ name: String, _ path: String, in folder: CInt, isIgnored: Bool) throws(BuildError) -> ContextTree.Node? {
        var status = stat()
        guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            if errno == ENOENT { return nil }
            throw .system("look at", path, number: errno)
        }
        switch status.st_mode & S_IFMT {
        case S_IFDIR where !isIgnored || rules.mayInclude(below: path): return Self.node(name: name, path: path, kind: .folder, status)
        case S_IFREG where !isIgnored: return Self.node(name: name, path: path, kind: .regular, status)
        case S_IFLNK where !isIgnored: return Self.node(name: name, path: path, kind: .link(try target(name, path, in: folder)), status)
        default: return nil
        }
    }

    private static func node(name: String, path: String, kind: ContextTree.Kind, _ status: stat) -> ContextTree.Node {
        ContextTree.Node(name: name, path: path, kind: kind, mode: UInt16(status.st_mode & 0o7777), identity: FileIdentity(status))
    }

    private func target(_ name: String, _ path: String, in folder: CInt) throws(BuildError) -> String {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let count = readlinkat(folder, name, &buffer, Int(PATH_MAX))
        guard count >= 0 else { throw .system("read the link", path, number: errno) }
        guard let target = String(validating: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) else { throw .nameNotText(path) }
        return target
    }
}
