import Glibc
import ImageStore
import SystemPackage

/// The files of another stage or image, as `COPY --from` sees them.
struct ImageSource {
    /// `nil` when the stage has no files at all.
    let tree: MountedTree?
    /// The stage's or image's name, for mistakes.
    let name: String

    func items(_ copy: ExpandedCopy) throws -> [CopyItem] {
        var items: [CopyItem] = []
        for written in copy.sources {
            let (source, filter, isRequired) = try written.plan(copy)
            let paths = try matches(source)
            if paths.isEmpty, !CopyMatching.hasWildcard(source.text) { throw missing(source) }
            let found = try paths.compactMap { try item($0, source, filter, keepsParents: copy.keepsParents) }
            if isRequired, found.isEmpty { throw missing(written) }
            items += found
        }
        return items
    }

    private func missing(_ source: ExpandedCopy.Source) -> BuildError {
        BuildError("source-missing", at: source.location, "'\(source.text)' is not in \(name)")
    }

    /// The paths that a source fits, links on the way followed.
    private func matches(_ source: ExpandedCopy.Source) throws(BuildError) -> [[String]] {
        guard let tree else { return [] }
        var paths: [[String]] = [[]]
        for part in RelativePath.parts(source.text) {
            guard let pattern = PathPattern(part, crossesFolders: false) else {
                throw BuildError("invalid-pattern", at: source.location, "'\(source.text)' is not a pattern", hint: "close the [ or write \\[")
            }
            var next: [[String]] = []
            for path in paths { next += try matches(pattern, below: path, in: tree) }
            paths = next
        }
        return paths
    }

    private func matches(_ pattern: PathPattern, below path: [String], in tree: MountedTree) throws(BuildError) -> [[String]] {
        let folder = try tree.resolve(path)
        guard folder.last?.isFolder == true else { return [] }
        let literal = pattern.literalPrefix
        let names = literal.isWhole ? [literal.text] : try tree.names(folder.parts).filter { pattern.matches($0) }
        var found: [[String]] = []
        for name in names where try tree.resolve(folder.parts + [name]).exists { found.append(folder.parts + [name]) }
        return found
    }

    private func item(_ path: [String], _ source: ExpandedCopy.Source, _ filter: CopyFilter, keepsParents: Bool) throws -> CopyItem? {
        guard let tree else { throw missing(source) }
        let resolution = try tree.resolve(path)
        guard let found = resolution.last else { throw missing(source) }
        switch found.kind {
        case .folder:
            let folder = try handle(resolution.parts, tree, source)
            let content = try FileTree(upperFolder: folder).filtered(by: filter)
            return keepsParents && content.isEmpty ? nil : .folder(content)
        case .regular:
            guard !keepsParents, filter.accepts(fileNamed: path.last ?? "") else { return nil }
            let folder = try FolderHandle(handle(Array(resolution.parts.dropLast()), tree, source))
            let content = FileContent(below: folder, path: FilePath(resolution.parts.last ?? ""), size: found.size)
            return .file(name: path.last ?? "", .regular(content, found.metadata))
        case .link, .other:
            throw BuildError("source-unsuitable", at: source.location, "'\(source.text)' in \(name) is neither a file nor a folder")
        }
    }

    /// The folder's path under the mount: it was resolved, so nothing on it is a link.
    private func handle(_ parts: [String], _ tree: MountedTree, _ source: ExpandedCopy.Source) throws -> FilePath {
        guard let file = try tree.open(parts, O_PATH | O_DIRECTORY | O_NOFOLLOW) else { throw missing(source) }
        close(file)
        return parts.reduce(tree.path) { $0.appending($1) }
    }
}
