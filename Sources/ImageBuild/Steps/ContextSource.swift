import Glibc
import ImageStore
import IngotModel
import SystemPackage

/// The files of a context, as COPY sees them.
struct ContextSource: Sendable {
    let tree: ContextTree
    let digests: ContextDigests
    let rules: IgnoreRules
    let folder: FolderHandle
    /// What people call the context.
    let name: String

    /// What a source fits, links on the way followed.
    func matches(_ source: ExpandedCopy.Source) throws(BuildError) -> [ContextTree.Match] {
        guard let matches = try tree.matches(source.text) else {
            throw BuildError("invalid-pattern", at: source.location, "'\(source.text)' is not a pattern", hint: "close the [ or write \\[")
        }
        if matches.isEmpty, !CopyMatching.hasWildcard(source.text) { throw missing(source) }
        return matches
    }

    func missing(_ source: ExpandedCopy.Source) -> BuildError {
        let path = RelativePath.clean(source.text)
        let hint = rules.isIgnored(path) ? "a rule of .dockerignore leaves it out" : "paths are relative to \(name), not to the Dockerfile"
        return BuildError("source-missing", at: source.location, "'\(source.text)' is not in \(name)", hint: hint)
    }

    func fileNode(_ node: ContextTree.Node) throws -> FileNode {
        switch node.kind {
        case .folder: return .folder(FileMetadata(mode: node.mode, attributes: try attributes(node)))
        case .link(let target): return .symbolicLink(to: target)
        case .regular:
            let metadata = FileMetadata(mode: node.mode, attributes: try attributes(node))
            return .regular(FileContent(below: folder, path: FilePath(node.path), size: Int(node.identity.size)), metadata)
        }
    }

    /// The attributes of a file, by a path on which no link is followed.
    func attributes(_ node: ContextTree.Node) throws(BuildError) -> [String: [UInt8]] {
        let path = tree.folder.appending(node.path).string
        let file = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0 else { throw .contextChanged(path) }
        defer { close(file) }
        return ImageAttributes.read(file)
    }
}
