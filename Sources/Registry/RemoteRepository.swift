internal import FoundationEssentials
internal import ImageStore
internal import IngotModel
internal import NIOHTTP1

/// One repository of a registry, and its documents.
///
/// Source: OCI Distribution Specification 1.1; the sections are named at each call.
struct RemoteRepository: Sendable {
    let connection: RegistryConnection
    let reference: ImageReference
    let isPush: Bool

    var limits: RegistryLimits { connection.limits }
    var host: String { connection.endpoint.host }
    var repository: String { reference.repository }
    var scopes: [AccessScope] { [AccessScope(repository: repository, isPush: isPush)] }

    /// A document as it came, verified.
    struct Document: Sendable {
        var descriptor: Descriptor
        var bytes: [UInt8]
    }

    func url(_ rest: String, query: [(String, String)] = []) throws -> URL { try connection.url(repository, rest, query: query) }

    // MARK: Documents

    private static let accepted = (MediaType.manifests.sorted() + MediaType.indexes.sorted()).joined(separator: ", ")

    /// "Pulling manifests". What came by a digest is held against it; what came by a tag, against the digest that the registry says.
    func manifest(_ name: String) async throws -> Document {
        let what = "\(reference.name) \(name)"
        let exchange = Exchange(.GET, try url("manifests/\(name)"), headers: ["accept": Self.accepted])
        return try await limits.retries.run {
            let answer = try await connection.send(exchange, scopes: scopes)
            guard answer.status == 200 else { throw await connection.refusal(answer, what) }
            let bytes = try await connection.transport.body(answer.response, limit: limits.document, "the manifest of \(what)")
            return try Self.document(bytes, named: name, answer, what)
        }
    }

    /// What is said of a document's type must be what the document says itself: one that can be read in two ways is refused.
    /// Source: GHSA-77vh-xpmg-72qh.
    private static func document(_ bytes: [UInt8], named name: String, _ answer: RegistryConnection.Answer, _ what: String) throws -> Document {
        let digest = DocumentDigest.of(bytes)
        let said = Digest(name) ?? answer.header("docker-content-digest").flatMap { Digest($0) }
        if let said, said != digest { throw RegistryError.contentWrong(what, "it is \(digest), not \(said)") }
        struct Kind: Decodable {
            var mediaType: String?
            var manifests: Ignored?
            var layers: Ignored?
            var fsLayers: Ignored?
        }
        struct Ignored: Decodable { init(from decoder: any Decoder) throws {} }
        guard let kind = try? JSONDecoder().decode(Kind.self, from: Data(bytes)) else {
            throw RegistryError.contentWrong(what, "it is no document of JSON")
        }
        guard kind.manifests == nil || (kind.layers == nil && kind.fsLayers == nil) else {
            throw RegistryError.contentWrong(what, "it is both an index and a manifest")
        }
        let header = answer.header("content-type").map { String($0.prefix { $0 != ";" }).filter { $0 != " " }.lowercased() }
        let isNamed = header.map { MediaType.manifests.contains($0) || MediaType.indexes.contains($0) } ?? false
        if let own = kind.mediaType, isNamed, own != header {
            throw RegistryError.contentWrong(what, "it says that it is '\(printable(own, most: 80))', and the registry '\(header ?? "")'")
        }
        let type = kind.mediaType ?? (isNamed ? header : nil) ?? (kind.manifests == nil ? MediaType.manifest : MediaType.index)
        guard MediaType.indexes.contains(type) ? kind.manifests != nil : MediaType.manifests.contains(type) && kind.manifests == nil else {
            throw RegistryError.contentWrong(what, "nothing is known of the type '\(printable(type, most: 80))'")
        }
        return Document(descriptor: Descriptor(mediaType: type, digest: digest, size: bytes.count), bytes: bytes)
    }

    /// "Pushing Manifests".
    ///
    /// - Returns: whether the registry took note of what the document is about. Source: the same, "Pushing Manifests with Subject".
    @discardableResult
    func put(_ document: StoredDocument, as name: String) async throws -> Bool {
        let what = "\(reference.name) \(name)"
        let exchange = Exchange(
            .PUT, try url("manifests/\(name)"), body: .bytes(document.bytes, type: document.descriptor.mediaType))
        return try await limits.retries.run {
            let answer = try await connection.send(exchange, scopes: scopes)
            guard answer.status == 201 || answer.status == 200 else { throw await connection.refusal(answer, "to write \(what)") }
            let said = answer.header("docker-content-digest").flatMap { Digest($0) }
            let subject = answer.header("oci-subject").flatMap { Digest($0) }
            await connection.transport.drain(answer.response)
            if let said, said != document.descriptor.digest {
                throw RegistryError.contentWrong(what, "the registry keeps it as \(said), and it is \(document.descriptor.digest)")
            }
            return subject != nil && subject == document.subject?.digest
        }
    }

    // MARK: Tags

    /// "Listing Tags", through as many pages as there may be.
    func tags() async throws -> [String] {
        struct Page: Decodable { var tags: [String]? }
        var next: URL? = try url("tags/list", query: [("n", "1000")])
        var tags: [String] = []
        var pages = 0
        while let url = next {
            pages += 1
            guard pages <= limits.pages else { throw RegistryError.tooLarge("the list of tags of \(reference.name)", limit: "\(limits.pages) pages") }
            let (bytes, link) = try await page(url, "the tags of \(reference.name)")
            guard let page = try? JSONDecoder().decode(Page.self, from: Data(bytes)) else {
                throw RegistryError.answerInvalid(host, "its list of tags cannot be read")
            }
            tags += page.tags ?? []
            guard tags.count <= limits.tags else {
                throw RegistryError.tooLarge("the list of tags of \(reference.name)", limit: "\(limits.tags) tags")
            }
            next = link
        }
        return tags
    }

    /// One page of a list, and where the next one is.
    private func page(_ url: URL, _ what: String) async throws -> ([UInt8], URL?) {
        try await limits.retries.run {
            let answer = try await connection.send(Exchange(.GET, url), scopes: scopes)
            guard answer.status == 200 else { throw await connection.refusal(answer, what) }
            let bytes = try await connection.transport.body(answer.response, limit: limits.page, what)
            return (bytes, try answer.header("link").flatMap(Self.nextLink).map { try connection.url($0, from: answer.url) })
        }
    }

    /// Source: RFC 8288; `<…>; rel="next"`.
    static func nextLink(_ header: String) -> String? {
        guard header.hasPrefix("<"), let end = header.firstIndex(of: ">") else { return nil }
        let rest = header[end...].filter { $0 != " " && $0 != "\"" }.lowercased()
        return rest.contains("rel=next") ? String(header[header.index(after: header.startIndex)..<end]) : nil
    }
}
