import ImageStore
import IngotModel
import SystemPackage

extension ImageBuilder {
    /// Builds an image, and builds it again from nothing: with no cache, from a copy of the context whose files were made in
    /// another order (so they have other inodes, times and places in their folders), at another time and on one
    /// processor. What comes out must be the same.
    ///
    /// The host name of a step is the same in every build, and its clock is the machine's: what depends on the day only
    /// shows when the builds are on two days.
    ///
    /// - Parameter changesProcessors: whether the second build is held to one processor, and the whole process with it.
    /// - Returns: what differs, with the instruction that made it. That something differs is no error.
    public func verify(
        _ request: BuildRequest, changesProcessors: Bool = true, progress: @escaping @Sendable (BuildEvent) -> Void = { _ in }
    ) async throws -> ImageVerification {
        // Nothing of either build may go before both are compared.
        let lock = try store.sharedLock()
        defer { withExtendedLifetime(lock) {} }
        let request = try await pinned(request)
        let first = try await build(request, progress: progress)
        let folder = try BuildFolder(in: self.folder.appending("tmp"))
        defer { folder.remove() }
        let processors = changesProcessors ? ProcessorLimit.one() : nil
        defer { processors?.lift() }
        let second = try await build(again(request, folder), progress: progress)
        return try ImageVerification.compare(first, second, store: store)
    }

    /// The request, so that it means the same twice.
    private func pinned(_ request: BuildRequest) async throws -> BuildRequest {
        var request = request
        guard request.platforms.count <= 1 else {
            throw BuildError("invalid-option", "a verification compares the image of one platform", remedy: "verify one platform after the other")
        }
        guard request.context != .standardInput, request.dockerfilePath != "-" else {
            throw BuildError(
                "context-unsuitable", "a verification reads the context and the Dockerfile twice, and standard input can be read once",
                remedy: "write it to a file first")
        }
        if case .folder(let folder)? = request.context { (request.contextFolder, request.context) = (folder, nil) }
        if request.context == nil, request.revision == nil { request.revision = try await revision(of: request) }
        return request
    }

    private func again(_ request: BuildRequest, _ folder: BuildFolder) async throws -> BuildRequest {
        var again = request
        again.ignoresCache = true
        again.leavesCache = true
        again.tags = []
        again.outputs = []
        // The bases are what the first build found.
        again.pulling = .missing
        again.cacheSources = []
        again.cacheTargets = []
        // An archive and a repository become another folder each time anyway.
        guard request.context == nil else { return again }
        let rules = try await BuildInput.rules(of: PreparedContext(request, store: store, folder: folder.path))
        let copy = folder.path.appending("context")
        try ContextCopy(ContextTree(request.contextFolder, ignoring: rules)).write(to: copy)
        again.contextFolder = copy
        again.dockerfilePath = BuildInput.dockerfilePath(of: request)
        return again
    }
}
