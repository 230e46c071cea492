import ImageStore

/// Files whose content stands in the Dockerfile.
struct DocumentFiles: CopySource {
    let documents: [ExpandedCopy.Document]

    func append(to key: inout CacheKey.Builder) {
        key.append("documents")
        key.append(documents.flatMap { [$0.name, $0.content] })
    }

    func items() -> [CopyItem] {
        documents.map { .file(name: $0.name, .regular(FileContent(text: $0.content), FileMetadata(mode: 0o644))) }
    }
}
