import Glibc
import ImageStore
import IngotModel
import SystemPackage

/// Reads what a build starts from: the Dockerfile, the rules of what is ignored, the names of the context.
enum BuildInput {
    static func dockerfilePath(of request: BuildRequest) -> FilePath {
        let path = request.dockerfilePath ?? "Dockerfile"
        return path.isAbsolute ? path : request.contextFolder.pushing(path)
    }

    static func dockerfile(of context: PreparedContext) throws(BuildError) -> Dockerfile {
        let path = dockerfilePath(of: context.request)
        guard let bytes = try dockerfileBytes(path, of: context) else { throw .dockerfileMissing(path.string) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw BuildError("dockerfile-not-text", "\(path) is not UTF-8 text", remedy: "save it as UTF-8")
        }
        return try DockerfileParser.parse(text, file: name(path, in: context.request.contextFolder))
    }

    private static func dockerfileBytes(_ path: FilePath, of context: PreparedContext) throws(BuildError) -> [UInt8]? {
        let limit = DockerfileParser.largestSize.bytes
        if let found = try foreign(path, of: context) { return try found.read(limit: limit) }
        var status = stat()
        if stat(path.string, &status) == 0, status.st_size > limit { throw .dockerfileTooLarge(file: path.string) }
        return try Files.read(path, limit: limit)
    }

    /// A file of a context that others made: its links are followed inside.
    private struct ForeignFile {
        let tree: MountedTree
        let parts: [String]

        func read(limit: Int) throws(BuildError) -> [UInt8]? { try tree.read(tree.resolve(parts).parts, limit: limit) }
    }

    private static func foreign(_ path: FilePath, of context: PreparedContext) throws(BuildError) -> ForeignFile? {
        var relative = path
        guard context.isForeign, relative.removePrefix(context.request.contextFolder) else { return nil }
        return ForeignFile(tree: try MountedTree(context.request.contextFolder), parts: RelativePath.parts(relative.string))
    }

    /// Relative to the context where it is inside.
    private static func name(_ path: FilePath, in folder: FilePath) -> String {
        var relative = path
        return relative.removePrefix(folder) ? relative.string : path.string
    }

    /// `<Dockerfile>.dockerignore` beside the Dockerfile, else `.dockerignore` of the context.
    static func rules(of context: PreparedContext) throws(BuildError) -> IgnoreRules {
        let own = FilePath(dockerfilePath(of: context.request).string + ".dockerignore")
        for path in [own, context.request.contextFolder.appending(".dockerignore")] {
            let limit = IgnoreRules.largestSize.bytes
            let found = try foreign(path, of: context)
            let bytes = if let found { try found.read(limit: limit) } else { try Files.read(path, limit: limit) }
            guard let bytes else { continue }
            return try IgnoreRules(String(decoding: bytes, as: UTF8.self), file: name(path, in: context.request.contextFolder))
        }
        return IgnoreRules()
    }

    /// The rules that a named context has of its own.
    static func rules(below folder: FilePath) throws(BuildError) -> IgnoreRules {
        guard let bytes = try MountedTree(folder).read([".dockerignore"], limit: IgnoreRules.largestSize.bytes) else { return IgnoreRules() }
        return try IgnoreRules(String(decoding: bytes, as: UTF8.self), file: folder.appending(".dockerignore").string)
    }

    static func context(of context: PreparedContext, cache: BuildCache) throws -> ContextSource {
        // What a mount says of a file's identity holds for that mount only.
        let index = context.isForeign ? ContextIndex() : cache.index(of: context.request.contextFolder)
        return try self.context(context.request.contextFolder, rules: rules(of: context), context.name, index: index)
    }

    static func context(_ folder: FilePath, rules: IgnoreRules, _ name: String, index: ContextIndex) throws -> ContextSource {
        let readingBegan = ContextIndex.now()
        let tree = try ContextTree(folder, ignoring: rules)
        return ContextSource(
            tree: tree, digests: ContextDigests(tree, index: index, readingBegan: readingBegan), rules: rules,
            folder: try FolderHandle(folder), name: name)
    }
}
