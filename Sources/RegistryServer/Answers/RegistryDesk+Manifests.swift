internal import ImageStore
internal import IngotModel
internal import NIOCore
internal import NIOHTTP1

extension RegistryDesk {
    /// "Pulling manifests". Its type is the one that it has, whatever the client would like.
    func readManifest(_ name: RepositoryName, _ reference: ManifestReference) async throws -> Answer {
        let repository = store.repository(name)
        let document = try await onDisk {
            guard let digest = try Self.digest(of: reference, in: repository), let document = try repository.manifest(digest) else {
                throw try repository.exists() ? RegistryProblem.unknownManifest(reference) : .unknownName(name)
            }
            return document
        }
        let digest = "\(document.descriptor.digest)"
        return Answer(
            .ok, [("docker-content-digest", digest), ("etag", "\"\(digest)\"")], .bytes(document.bytes, type: document.descriptor.mediaType))
    }

    /// "Pushing Manifests". What it names must be here, of the size that it says; what it is about need not.
    func putManifest(_ name: RepositoryName, _ reference: ManifestReference, _ request: Request) async throws -> Answer {
        let type = request.head.headers.first(name: "content-type").map { String($0.prefix { $0 != ";" }).lowercased() } ?? ""
        let bytes = try await manifestBytes(request)
        let (repository, rule) = (store.repository(name), rule)
        let document = try await onDisk { [store] in
            let document = try ManifestDocument(bytes, mediaType: type.filter { $0 != " " })
            if case .digest(let digest) = reference, digest != document.descriptor.digest {
                throw RegistryProblem(.badRequest, .digestInvalid, "the manifest is \(document.descriptor.digest), and was sent as \(digest)")
            }
            try Self.checkParts(of: document, in: repository)
            try store.withNaming {
                if case .tag(let tag) = reference {
                    try Self.check(
                        TagChange(repository: name, tag: tag, before: repository.digest(ofTag: tag), after: document.descriptor.digest), rule)
                }
                try repository.add(document)
                if case .tag(let tag) = reference { try repository.tag(document.descriptor.digest, as: tag) }
            }
            return document
        }
        let digest = document.descriptor.digest
        let subject = document.subject.map { [("oci-subject", "\($0.digest)")] } ?? []
        return Answer(.created, [("location", "/v2/\(name)/manifests/\(digest)"), ("docker-content-digest", "\(digest)")] + subject)
    }

    private func manifestBytes(_ request: Request) async throws -> [UInt8] {
        let limit = ManifestDocument.limit
        let tooLarge = RegistryProblem(.payloadTooLarge, .sizeInvalid, "a manifest has at most \(limit)")
        if let length = request.length, length > limit.bytes { throw tooLarge }
        var bytes: [UInt8] = []
        while let buffer = try await request.body.next() {
            guard buffer.readableBytes <= limit.bytes - bytes.count else { throw tooLarge }
            bytes += buffer.readableBytesView
        }
        return bytes
    }

    private static func checkParts(of document: ManifestDocument, in repository: Repository) throws {
        let missing = try repository.missing(document.blobs)
        guard missing.isEmpty else {
            let names = missing.prefix(5).map { "\($0.digest) of \($0.size) bytes" }.joined(separator: ", ")
            throw RegistryProblem(.notFound, .manifestBlobUnknown, "this repository does not have what the manifest names: \(names)")
        }
        for child in document.manifests {
            guard let found = try repository.manifest(child.digest) else {
                throw RegistryProblem(
                    .notFound, .manifestBlobUnknown, "this repository does not have the manifest \(child.digest) that the index names")
            }
            guard found.descriptor.size == child.size, found.descriptor.mediaType == child.mediaType else {
                throw RegistryProblem(.badRequest, .manifestInvalid, "the index names \(child.digest) with another size or type than it has")
            }
        }
    }

    /// "Deleting manifests", and "Deleting tags".
    func deleteManifest(_ name: RepositoryName, _ reference: ManifestReference) async throws -> Answer {
        let repository = store.repository(name)
        try await onDisk {
            if case .digest(let digest) = reference, try repository.manifest(digest) == nil { throw RegistryProblem.unknownManifest(reference) }
            try store.withNaming {
                guard let digest = try Self.digest(of: reference, in: repository) else { throw RegistryProblem.unknownManifest(reference) }
                let tags: [String]
                if case .tag(let tag) = reference { tags = [tag] } else { tags = try repository.tags(of: digest) }
                for tag in tags { try Self.check(TagChange(repository: name, tag: tag, before: digest, after: nil), rule) }
                if case .digest = reference { try checkNothingKeeps(digest, of: repository) }
                let isRemoved = if case .tag(let tag) = reference { try repository.untag(tag) } else { try repository.remove(digest) }
                guard isRemoved else { throw RegistryProblem.unknownManifest(reference) }
            }
        }
        return Answer(.accepted)
    }

    /// What a tag reaches that may not go may not go either.
    func checkNothingKeeps(_ blob: Digest, of repository: Repository) throws {
        for tag in try repository.tags() {
            let root = try repository.digest(ofTag: tag)
            guard let root, let refusal = rule.refusal(TagChange(repository: repository.name, tag: tag, before: root, after: nil)) else { continue }
            if try reaches.digests(of: root, read: repository.reach).contains(blob) { throw RegistryProblem(.conflict, .denied, refusal) }
        }
    }

    private static func check(_ change: TagChange, _ rule: TagRule) throws {
        guard let refusal = rule.refusal(change) else { return }
        throw RegistryProblem(.conflict, .denied, refusal)
    }

    private static func digest(of reference: ManifestReference, in repository: Repository) throws -> Digest? {
        switch reference {
        case .tag(let tag): try repository.digest(ofTag: tag)
        case .digest(let digest): digest
        }
    }
}
