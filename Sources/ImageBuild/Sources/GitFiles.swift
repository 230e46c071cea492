import ImageStore
import IngotModel
import Synchronization
import SystemPackage

/// The files of a Git repository that ADD names. Known by its commit: nothing is fetched when a layer of it is there.
final class GitFiles: CopySource {
    private let reference: GitReference
    private let copy: ExpandedCopy
    private let fetch: GitFetch
    private let location: SourceLocation
    private let commit = Mutex<String?>(nil)

    init(_ reference: GitReference, _ copy: ExpandedCopy, fetch: GitFetch, location: SourceLocation) {
        self.reference = reference
        self.copy = copy
        self.fetch = fetch
        self.location = location
    }

    private var keepsGitFolder: Bool { copy.keepsGitFolder || reference.keepsGitFolder }

    func append(to key: inout CacheKey.Builder) async throws {
        let commit = try await located { try await fetch.resolve(reference) }
        for expected in [copy.checksum, reference.commit].compactMap({ $0 }) where !commit.hasPrefix(expected.lowercased()) || expected.utf8.count < 7
        {
            throw BuildError("checksum-mismatch", at: location, "'\(reference.remote)' is at commit \(commit), not \(expected.prefix(64))")
        }
        self.commit.withLock { $0 = commit }
        key.append(["git", commit, reference.folder ?? ""])
        key.append([keepsGitFolder, reference.hasSubmodules].map { $0 ? "yes" : "no" })
    }

    func prepare() async throws {
        guard let commit = commit.withLock({ $0 }) else { return }
        try await located {
            try await fetch.checkOut(commit, of: reference)
            if keepsGitFolder { try await fetch.settle() }
        }
    }

    func items() throws -> [CopyItem] {
        let tree = try GitCheckout.tree(fetch.folder, below: reference.folder, keepsGitFolder: keepsGitFolder)
        guard let tree else {
            throw BuildError("source-missing", at: location, "'\(reference.remote)' has no folder '\(reference.folder ?? "")'")
        }
        return [.folder(try tree.filtered(by: CopyFilter(included: nil, excluded: copy.excluded)))]
    }

    func end() { Files.removeTree(fetch.folder) }

    private func located<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let error as BuildError where error.diagnostics.isEmpty {
            throw BuildError(String(error.code.dropFirst("build.".count)), at: location, error.message, hint: error.remedy)
        }
    }
}

/// The files of a repository that was checked out.
enum GitCheckout {
    /// Git knows of a file's mode only whether it is a program. Owners are not known at all.
    ///
    /// - Returns: `nil` when there is no such folder; a link is none.
    static func tree(_ folder: FilePath, below path: String?, keepsGitFolder: Bool) throws -> FileTree? {
        var whole = try FileTree(upperFolder: folder)
        for entry in whole.entries() where !entry.node.isSymbolicLink {
            let isProgram = entry.node.isFolder || entry.node.metadata.mode & 0o100 != 0
            whole.update(entry.id) { $0 = FileMetadata(mode: isProgram ? 0o755 : 0o644) }
        }
        if !keepsGitFolder {
            for entry in whole.entries().reversed() where entry.path.name?.description == ".git" { whole.remove(entry.path) }
        }
        return try whole.subtree(at: TreePath(RelativePath.clean(path ?? "")))
    }
}
