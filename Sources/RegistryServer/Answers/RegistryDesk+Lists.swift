internal import FoundationEssentials
internal import ImageStore
internal import IngotModel
internal import NIOHTTP1

extension RegistryDesk {
    /// "Listing Tags".
    func tags(_ name: RepositoryName, _ page: Page) async throws -> Answer {
        struct Document: Encodable {
            var name: String
            var tags: [String]
        }
        let repository = store.repository(name)
        let tags = try await onDisk {
            guard try repository.exists() else { throw RegistryProblem.unknownName(name) }
            return try repository.tags()
        }
        let part = page.part(of: tags) { $0 }
        let link = Self.link("/v2/\(name)/tags/list", part.isLast ? nil : part.items.last, page.count)
        return try Answer(.ok, link, Self.json(Document(name: name.text, tags: part.items)))
    }

    /// The repositories that the one who asks may pull from. Source: Docker Registry HTTP API V2, "Listing Repositories".
    func catalog(_ page: Page, _ access: Access) async throws -> Answer {
        struct Document: Encodable { var repositories: [String] }
        let (store, isOpen) = (store, isOpen)
        let names = try await onDisk { try store.repositories().filter { access.allows(.pull($0), isOpen: isOpen) }.map(\.text) }
        let part = page.part(of: names) { $0 }
        let link = Self.link("/v2/_catalog", part.isLast ? nil : part.items.last, page.count)
        return try Answer(.ok, link, Self.json(Document(repositories: part.items)))
    }

    /// "Listing Referrers": an index, in pages that are no larger than a manifest may be.
    func referrers(_ name: RepositoryName, _ subject: Digest, _ types: [String], _ page: Page) async throws -> Answer {
        let repository = store.repository(name)
        let all = try await onDisk { try repository.referrers(of: subject) }
        let wanted = types.isEmpty ? all : all.filter { types.contains($0.artifactType ?? "") }
        var (items, isLast) = page.part(of: wanted) { "\($0.digest)" }
        var bytes = try JSONEncoder().encode(ImageIndex(manifests: items))
        while bytes.count > limits.referrerPage.bytes, items.count > 1 {
            (items, isLast) = (Array(items.prefix(items.count / 2)), false)
            bytes = try JSONEncoder().encode(ImageIndex(manifests: items))
        }
        var headers: [(name: String, value: String)] = types.isEmpty ? [] : [("oci-filters-applied", "artifactType")]
        if !isLast, let last = items.last {
            let filters = types.map { "&artifactType=\(Percent.encode($0))" }.joined()
            headers.append(("link", "</v2/\(name)/referrers/\(subject)?last=\(Percent.encode("\(last.digest)"))\(filters)>; rel=\"next\""))
        }
        return Answer(.ok, headers, .bytes(Array(bytes), type: MediaType.index))
    }

    /// Source: RFC 8288.
    private static func link(_ path: String, _ last: String?, _ count: Int) -> [(name: String, value: String)] {
        last.map { [("link", "<\(path)?n=\(count)&last=\(Percent.encode($0))>; rel=\"next\"")] } ?? []
    }

    private static func json(_ value: some Encodable) throws -> Answer.Content {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        return .bytes(Array(try encoder.encode(value)), type: "application/json")
    }
}
