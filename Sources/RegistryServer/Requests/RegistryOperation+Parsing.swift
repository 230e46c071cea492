internal import ImageStore
internal import IngotModel
internal import NIOHTTP1

extension RegistryOperation {
    /// What a request's first line means. Nothing is looked up.
    ///
    /// A path has no part that goes upward, is empty, or is escaped, but for a colon in its last part: names have no such characters.
    init(_ method: HTTPMethod, _ address: String, _ limits: ServerLimits) throws(RegistryProblem) {
        guard address.utf8.count <= limits.address.bytes else {
            throw RegistryProblem(.uriTooLong, .unsupported, "the address is longer than \(limits.address)")
        }
        let halves = address.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let query = try RequestQuery(halves.count == 2 ? halves[1] : "")
        var parts = halves[0].split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 2, parts.removeFirst().isEmpty, parts.removeFirst() == "v2" else {
            throw RegistryProblem(.notFound, .unsupported, "this is a registry: everything is below /v2/")
        }
        switch (parts, method) {
        case ([], .GET), ([], .HEAD), ([""], .GET), ([""], .HEAD): self = .support
        case (["token"], .GET): self = .token(service: query["service"])
        case (["_catalog"], .GET): self = .catalog(try Page(query, most: limits.page))
        default: self = try Self.inRepository(parts, method, query, limits)
        }
    }

    /// Names may have parts such as `blobs`, so a path is read from its end.
    private static func inRepository(
        _ parts: [String], _ method: HTTPMethod, _ query: RequestQuery, _ limits: ServerLimits
    ) throws(RegistryProblem) -> RegistryOperation {
        var parts = parts
        guard parts.count >= 3, let last = parts.popLast(), let word = parts.popLast() else { throw unsupported }
        switch (word, last) {
        case ("tags", "list"):
            let name = try name(parts)
            guard method == .GET else { throw unsupported }
            return .tags(name, try Page(query, most: limits.page))
        case ("referrers", _):
            let name = try name(parts)
            guard method == .GET else { throw unsupported }
            return .referrers(name, try digest(last), artifactTypes: query.all("artifactType"), try Page(query, most: .max))
        case ("manifests", _): return try manifest(try name(parts), last, method)
        case ("blobs", "uploads"): return try beginning(try name(parts), method, query)
        case ("uploads", _) where parts.last == "blobs":
            parts.removeLast()
            let name = try name(parts)
            return last.isEmpty ? try beginning(name, method, query) : try step(name, last, method, query)
        case ("blobs", _):
            let (name, digest) = (try name(parts), try digest(last))
            switch method {
            case .GET, .HEAD: return .readBlob(name, digest)
            case .DELETE: return .deleteBlob(name, digest)
            default: throw unsupported
            }
        default: throw unsupported
        }
    }

    private static func manifest(_ name: RepositoryName, _ last: String, _ method: HTTPMethod) throws(RegistryProblem) -> RegistryOperation {
        guard let text = Percent.decode(last), let reference = ManifestReference(text) else {
            let isDigest = last.contains(":") || last.contains("%3A")
            throw RegistryProblem(
                method == .GET || method == .HEAD ? .notFound : .badRequest, isDigest ? .digestInvalid : .manifestInvalid,
                "'\(last.prefix(80))' is neither a tag nor a digest of SHA-256")
        }
        switch method {
        case .GET, .HEAD: return .readManifest(name, reference)
        case .PUT: return .putManifest(name, reference)
        case .DELETE: return .deleteManifest(name, reference)
        default: throw unsupported
        }
    }

    private static func beginning(_ name: RepositoryName, _ method: HTTPMethod, _ query: RequestQuery) throws(RegistryProblem) -> RegistryOperation {
        guard method == .POST else { throw unsupported }
        if let mount = query["mount"] {
            // A name that can't be one has no blob either; the blob is sent then.
            return .beginUpload(name, .mount(try digest(mount), from: query["from"].flatMap { RepositoryName($0) }))
        }
        return .beginUpload(name, try query["digest"].map { (text) throws(RegistryProblem) in .whole(try digest(text)) } ?? .session)
    }

    private static func step(
        _ name: RepositoryName, _ id: String, _ method: HTTPMethod, _ query: RequestQuery
    ) throws(RegistryProblem) -> RegistryOperation {
        guard let id = UploadID(id) else { throw .unknownUpload }
        switch method {
        case .GET: return .upload(name, id, .status)
        case .PATCH: return .upload(name, id, .append)
        case .DELETE: return .upload(name, id, .cancel)
        case .PUT:
            guard let text = query["digest"] else {
                throw RegistryProblem(.badRequest, .digestInvalid, "an upload ends with the digest of what was sent")
            }
            return .upload(name, id, .finish(try digest(text)))
        default: throw unsupported
        }
    }

    private static func name(_ parts: [String]) throws(RegistryProblem) -> RepositoryName {
        let text = parts.joined(separator: "/")
        guard let name = RepositoryName(text) else {
            throw RegistryProblem(
                .badRequest, .nameInvalid,
                "'\(text.prefix(80))' cannot name a repository here: small letters, digits and . _ - in parts with / between, and no host before them"
            )
        }
        return name
    }

    private static func digest(_ text: String) throws(RegistryProblem) -> Digest {
        guard let digest = Percent.decode(text).flatMap({ Digest($0) }) else {
            throw RegistryProblem(.badRequest, .digestInvalid, "'\(text.prefix(80))' is no digest of SHA-256")
        }
        return digest
    }

    private static var unsupported: RegistryProblem { RegistryProblem(.methodNotAllowed, .unsupported, "a registry has no such request") }
}
