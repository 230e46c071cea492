internal import FoundationEssentials
internal import ImageStore
internal import IngotModel
internal import NIOHTTP1

extension RemoteRepository {
    /// "Listing Referrers": the documents about an image, by the API, or by the tag that stands for it where there is none.
    func referrers(of image: Digest) async throws -> [Descriptor] {
        let exchange = Exchange(.GET, try url("referrers/\(image)"), headers: ["accept": MediaType.index])
        let found: [Descriptor]? = try await limits.retries.run {
            let answer = try await connection.send(exchange, scopes: scopes)
            // Registries of before answer with whatever their web pages are.
            guard answer.status == 200, answer.header("content-type")?.hasPrefix(MediaType.index) == true else {
                let refusal = await connection.refusal(answer, "what is said about \(image.short)")
                if refusal.isTransient { throw refusal }
                return nil
            }
            let bytes = try await connection.transport.body(answer.response, limit: limits.page, "the list of documents about \(image.short)")
            return try index(bytes, image).manifests
        }
        if let found { return found }
        return try await tagged(image)?.manifests ?? []
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
