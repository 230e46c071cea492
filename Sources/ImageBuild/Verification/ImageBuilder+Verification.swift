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
        var request = request
        if request.revision == nil { request.revision = try await GitRevision.read(request.contextFolder) }
        let first = try await build(request, progress: progress)
        let folder = try BuildFolder(in: self.folder.appending("tmp"))
        defer { folder.remove() }
        let processors = changesProcessors ? ProcessorLimit.one() : nil
        defer { processors?.lift() }
        let second = try await build(Self.again(request, in: folder.path.appending("context")), progress: progress)
        let copies = try Self.copies(of: request)
        return try ImageVerification.compare(first, second, store: store) { copies.contains($0) }
    }

    private static func again(_ request: BuildRequest, in folder: FilePath) throws -> BuildRequest {
        var again = request
        let tree = try ContextScanner.scan(request.contextFolder, ignoring: BuildInput.rules(of: request))
        try ContextCopy(tree).write(to: folder)
        again.contextFolder = folder
        again.dockerfilePath = BuildInput.dockerfilePath(of: request)
        again.ignoresCache = true
        again.leavesCache = true
        again.tags = []
        again.outputs = []
        again.cacheSources = []
        again.cacheTargets = []
        return again
    }

    /// The instructions that make nothing of their own.
    private static func copies(of request: BuildRequest) throws -> Set<BuildStepID> {
        let stages = try BuildInput.dockerfile(of: request).stages
        return stages.enumerated().reduce(into: []) { copies, stage in
            for (place, instruction) in stage.element.instructions.enumerated() {
                if case .copy = instruction.kind { copies.insert(BuildStepID(stage: stage.offset, instruction: place)) }
            }
        }
    }
}
