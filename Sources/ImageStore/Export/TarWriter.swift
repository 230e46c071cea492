/// Writes an archive piece by piece. The same calls give the same bytes.
struct TarWriter {
    private let sink: (UnsafeRawBufferPointer) throws -> Void

    init(_ sink: @escaping (UnsafeRawBufferPointer) throws -> Void) { self.sink = sink }

    func append(_ header: TarHeader) throws { try append(header.bytes()) }

    func append(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try sink($0) } }

    func addFolder(_ path: String) throws {
        try append(TarHeader(path: Array("\(path)/".utf8), kind: .folder, metadata: FileMetadata(mode: 0o755)))
    }

    func addFile(_ path: String, _ bytes: [UInt8]) throws { try addFile(path, FileContent(bytes: bytes)) }

    func addFile(_ path: String, _ content: FileContent) throws {
        try append(TarHeader(path: Array(path.utf8), kind: .regular, metadata: FileMetadata(mode: 0o644), size: content.size))
        try add(content)
    }

    /// A file's content behind its header, up to the next block.
    func add(_ content: FileContent, _ tap: (UnsafeRawBufferPointer) -> Void = { _ in }) throws {
        try content.forEachChunk { chunk in
            tap(chunk)
            try sink(chunk)
        }
        try append([UInt8](repeating: 0, count: TarHeader.padding(after: content.size)))
    }

    /// Two empty blocks.
    func end() throws { try append([UInt8](repeating: 0, count: 2 * TarHeader.blockLength)) }
}
