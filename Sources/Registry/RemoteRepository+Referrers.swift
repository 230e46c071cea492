internal import FoundationEssentials
internal import ImageStore
internal import IngotModel
internal import NIOHTTP1

extension RemoteRepository {
    /// "Listing Referrers": the documents about an image, by the API, through as many pages as there may be, or by the tag that stands for it where there
    /// is none. A list that goes on too long, or elsewhere, is not whole.
    func referrers(of image: Digest) async throws -> ReferrerList {
        let origin = connection.endpoint.origin
        var next: URL? = try url("referrers/\(image)")
        var list = ReferrerList()
        for number in 0..<limits.pages {
            guard let url = next else { return list }
            guard let page = try await referrerPage(url, image) else {
                guard number == 0 else { throw RegistryError.answerInvalid(host, "a page of its list of documents about \(image.short) is none") }
                return ReferrerList(documents: try await tagged(image)?.manifests ?? [])
            }
            list.documents += page.documents
            next = page.next
            guard list.documents.count <= limits.listedReferrers, next.map(Origin.init) ?? origin == origin else { break }
        }
        list.isWhole = next == nil
        return list
    }

    /// One page, and where the next one is; `nil` when the registry has no such lists: those of before answer with whatever their web pages are.
    private func referrerPage(_ url: URL, _ image: Digest) async throws -> (documents: [Descriptor], next: URL?)? {
        let exchange = Exchange(.GET, url, headers: ["accept": MediaType.index])
        return try await limits.retries.run {
            let answer = try await connection.send(exchange, scopes: scopes)
            guard answer.status == 200, answer.header("content-type")?.hasPrefix(MediaType.index) == true else {
                let refusal = await connection.refusal(answer, "what is said about \(image.short)")
                if refusal.isTransient { throw refusal }
                return nil
            }
            let bytes = try await connection.transport.body(answer.response, limit: limits.page, "the list of documents about \(image.short)")
            let link = answer.header("link").flatMap(Self.nextLink)
            return (try index(bytes, image).manifests, try link.map { try connection.url($0, from: answer.url) })
        }
    }

    /// "Referrers Tag Schema".
    static func tag(of image: Digest) -> String { "sha256-\(image.hex)" }

    private func tagged(_ image: Digest) async throws -> ImageIndex? {
        do {
            let document = try await manifest(Self.tag(of: image))
            guard MediaType.indexes.contains(document.descriptor.mediaType) else { return nil }
            return try index(document.bytes, image)
        } catch let error as RegistryError where error.reason == .notFound {
            return nil
        }
    }

    private func index(_ bytes: [UInt8], _ image: Digest) throws -> ImageIndex {
        do { return try JSONDecoder().decode(ImageIndex.self, from: Data(bytes)) } catch {
            throw RegistryError.answerInvalid(host, "its list of documents about \(image.short) cannot be read")
        }
    }

    /// Pushes the document, whose blobs are there, and sees to it that it is found from its image.
    func attach(_ document: StoredDocument) async throws {
        if try await put(document, as: "\(document.descriptor.digest)") { return }
        guard let image = document.subject?.digest else { return }
        var listed = document.descriptor
        listed.artifactType = document.artifactType
        listed.annotations = document.annotations
        var index = try await tagged(image) ?? ImageIndex(manifests: [])
        guard !index.manifests.contains(where: { $0.digest == listed.digest }) else { return }
        index.mediaType = MediaType.index
        index.manifests.append(listed)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let bytes = try Array(encoder.encode(index))
        let descriptor = Descriptor(mediaType: MediaType.index, digest: DocumentDigest.of(bytes), size: bytes.count)
        try await put(StoredDocument(descriptor: descriptor, bytes: bytes, manifests: [], blobs: []), as: Self.tag(of: image))
    }
}

/// What a registry says that there is about an image.
struct ReferrerList: Sendable {
    var documents: [Descriptor] = []
    /// Whether its list was read to the end.
    var isWhole = true
}
