import Dispatch
import Glibc
import ImageStore
import IngotModel
import SystemPackage

/// The context of a build, brought into a folder. An archive becomes a layer of the store and is read through its mount: it is
/// never unpacked by path.
struct PreparedContext: Sendable {
    /// With the folder as its context, and the revision where the context has one of its own.
    var request: BuildRequest
    /// Whether others made the folder: then no link in it may lead out, not even for the Dockerfile.
    var isForeign = false
    /// What people call the context.
    var name: String

    init(_ request: BuildRequest, store: ImageStore, folder: FilePath, input: CInt = 0) async throws {
        self.request = request
        guard request.dockerfilePath != "-" || request.context != .standardInput else {
            throw BuildError(
                "context-unsuitable", "standard input can't be both the context and the Dockerfile", remedy: "name a file for one of them")
        }
        name = "the context \(request.contextFolder)"
        switch request.context {
        case nil: break
        case .folder(let path)?: use(folder: path)
        case .archive(let path)?: try use(archive: path, store: store, spool: folder)
        case .standardInput?: try await use(input: input, store: store, folder: folder)
        case .git(let reference)?: try await use(reference, folder: folder.appending("context-git"))
        }
        if self.request.dockerfilePath == "-" { try await useDockerfile(input: input, folder: folder) }
    }

    private mutating func use(folder: FilePath) {
        request.contextFolder = folder
        name = "the context \(folder)"
    }

    private mutating func use(foreign folder: FilePath, _ revision: SourceRevision, _ name: String) {
        request.contextFolder = folder
        request.revision = request.revision ?? revision
        isForeign = true
        self.name = name
    }

    private mutating func use(archive path: FilePath, store: ImageStore, spool: FilePath) throws {
        let content: FileContent
        do {
            content = try FileContent(file: path)
        } catch {
            throw BuildError.contextMissing(path, error)
        }
        let layer = try store.addLayer(ContextArchive.tree(content, spool: spool))
        use(foreign: try store.mount(layer), .none, "the archive \(path)")
    }

    /// An archive; anything else is a Dockerfile without a context.
    private mutating func use(input: CInt, store: ImageStore, folder: FilePath) async throws {
        let path = folder.appending("input")
        try await StandardInput.read(input, to: path, limit: ArchiveLimits.standard.bytes)
        if try Archive.isArchive(FileContent(file: path), spool: folder) {
            try use(archive: path, store: store, spool: folder)
            name = "the archive on standard input"
            return
        }
        let empty = folder.appending("context-empty")
        try Files.makeFolder(empty)
        request.dockerfilePath = path
        use(foreign: empty, .none, "the empty context")
    }

    private mutating func useDockerfile(input: CInt, folder: FilePath) async throws {
        let path = folder.appending("input")
        try await StandardInput.read(input, to: path, limit: DockerfileParser.largestSize)
        request.dockerfilePath = path
    }

    private mutating func use(_ reference: GitReference, folder: FilePath) async throws {
        let fetch = GitFetch(folder: folder, protocols: request.gitProtocols)
        let commit = try await fetch.resolve(reference)
        if let expected = reference.commit, !commit.hasPrefix(expected) {
            throw BuildError("checksum-mismatch", "'\(reference.remote)' is at commit \(commit), not \(expected.prefix(64))")
        }
        try await fetch.checkOut(commit, of: reference)
        let revision = SourceRevision(commit: commit, committedAtSecond: try await fetch.second(of: commit), isDirty: false)
        Files.removeTree(folder.appending(".git"))
        // A link of the repository must not lead to a folder outside.
        let parts = RelativePath.parts(reference.folder ?? "")
        guard try parts.isEmpty || MountedTree(folder).find(parts)?.isFolder == true else {
            throw BuildError(
                "context-missing", "'\(reference.remote)' has no folder '\(reference.folder ?? "")'", remedy: "name a folder of the repository")
        }
        use(foreign: parts.reduce(folder) { $0.appending($1) }, revision, "the repository \(reference.remote)")
    }
}

/// An archive that is a context, as a tree. Hostile ones are refused; see `Archive`.
enum ContextArchive {
    static func tree(_ archive: FileContent, spool: FilePath) throws -> FileTree {
        guard try Archive.isArchive(archive, spool: spool) else {
            throw BuildError(
                "context-unsuitable", "the context is neither a folder nor an archive", remedy: "give a folder, or a tar archive, perhaps compressed")
        }
        var tree = FileTree()
        try Archive.forEachEntry(of: archive, spool: spool) { entry in
            guard !entry.path.isRoot else { return }
            switch entry.content {
            case .node(let node): try tree.insert(node, at: entry.path)
            case .hardLink(let target): try tree.link(target, at: entry.path)
            }
        }
        return tree
    }
}

enum StandardInput {
    /// Reads to the end, on a thread that may wait.
    static func read(_ input: CInt, to path: FilePath, limit: ByteSize) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            DispatchQueue.global().async { continuation.resume(with: Result { try copy(input, to: path, limit: limit) }) }
        }
    }

    private static func copy(_ input: CInt, to path: FilePath, limit: ByteSize) throws {
        let file = try FileDescriptor.open(path, .writeOnly, options: [.create, .truncate, .closeOnExec], permissions: .ownerReadWrite)
        defer { try? file.close() }
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        var count = 0
        while true {
            let part = try buffer.withUnsafeMutableBytes { try FileDescriptor(rawValue: input).read(into: $0) }
            if part == 0 { return }
            count += part
            guard count <= limit.bytes else { throw BuildError("context-too-large", "standard input gives more than \(limit)") }
            _ = try file.writeAll(buffer[..<part])
        }
    }
}
