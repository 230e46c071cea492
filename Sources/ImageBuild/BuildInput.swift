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

    static func dockerfile(of request: BuildRequest) throws(BuildError) -> Dockerfile {
        let path = dockerfilePath(of: request)
        let limit = DockerfileParser.largestSize.bytes
        var status = stat()
        if stat(path.string, &status) == 0, status.st_size > limit { throw .dockerfileTooLarge(file: path.string) }
        guard let bytes = try Files.read(path, limit: limit) else { throw .dockerfileMissing(path.string) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw BuildError("dockerfile-not-text", "\(path) is not UTF-8 text", remedy: "save it as UTF-8")
        }
        return try DockerfileParser.parse(text, file: name(path, in: request.contextFolder))
    }

    /// Relative to the context where it is inside.
    private static func name(_ path: FilePath, in folder: FilePath) -> String {
        var relative = path
        return relative.removePrefix(folder) ? relative.string : path.string
    }

    /// `<Dockerfile>.dockerignore` beside the Dockerfile, else `.dockerignore` of the context.
    static func rules(of request: BuildRequest) throws(BuildError) -> IgnoreRules {
        let own = FilePath(dockerfilePath(of: request).string + ".dockerignore")
        for path in [own, request.contextFolder.appending(".dockerignore")] {
            guard let bytes = try Files.read(path, limit: IgnoreRules.largestSize.bytes) else { continue }
            return try IgnoreRules(String(decoding: bytes, as: UTF8.self), file: name(path, in: request.contextFolder))
        }
        return IgnoreRules()
    }

    static func context(of request: BuildRequest, cache: BuildCache) throws -> ContextSource {
        let rules = try rules(of: request)
        let readingBegan = ContextIndex.now()
        let tree = try ContextScanner.scan(request.contextFolder, ignoring: rules)
        let index = cache.index(of: request.contextFolder)
        return ContextSource(
            tree: tree, digests: ContextDigests(tree, index: index, readingBegan: readingBegan), rules: rules,
            folder: try FolderHandle(request.contextFolder))
    }
}
