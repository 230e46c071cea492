internal import Glibc
public import SystemPackage

/// The bytes of a regular file: in memory, or in a file that is read when they are needed.
public struct FileContent: Sendable {
    enum Source: Sendable {
        case bytes([UInt8])
        /// `path` is below the folder and is opened when it is read: a tree has more files than a process may open.
        case file(folder: OpenFile, path: PlatformPath, offset: Int)
        case open(OpenFile, offset: Int)
    }

    let source: Source
    /// In bytes.
    public let size: Int

    init(source: Source, size: Int) {
        self.source = source
        self.size = size
    }

    public static let empty = FileContent(bytes: [])

    public init(bytes: [UInt8]) { self.init(source: .bytes(bytes), size: bytes.count) }
    public init(text: String) { self.init(bytes: Array(text.utf8)) }

    /// The content of a file on the host. It is opened now, following no link, and must stay as it is until the layer is written.
    public init(file path: FilePath) throws {
        let file = try OpenFile(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
        let status = try file.status()
        guard status.st_mode & S_IFMT == S_IFREG else { throw StoreError.unsafePath("\(path)", "it is not a regular file") }
        self.init(source: .open(file, offset: 0), size: Int(status.st_size))
    }

    /// The content of a file below an open folder, opened when it is read, by a path that follows no link.
    public init(below folder: FolderHandle, path: FilePath, size: Int) {
        self.init(source: .file(folder: folder.file, path: PlatformPath(path), offset: 0), size: size)
    }

    /// Gives all bytes, in order, in pieces of at most 1 MiB. Throws `sourceChanged` when there are fewer than when the tree was made.
    public func forEachChunk(_ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        try forEachChunk(using: ChunkBuffer(), body)
    }

    func forEachChunk(using buffer: @autoclosure () -> ChunkBuffer, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        switch source {
        case .bytes(let bytes):
            try bytes.withUnsafeBytes { if !$0.isEmpty { try body($0) } }
        case .open(let file, let offset):
            try Self.read(file, from: offset, count: size, buffer: buffer(), body)
        case .file(let folder, let path, let offset):
            try Self.read(Self.open(path, below: folder), from: offset, count: size, buffer: buffer(), body)
        }
    }

    /// All bytes at once, for files known to be small.
    public func bytes(limit: Int) throws -> [UInt8] {
        guard size <= limit else { throw StoreError.tooLarge("a file of \(size) bytes", limit: "\(limit) bytes") }
        var all: [UInt8] = []
        all.reserveCapacity(size)
        try forEachChunk { all.append(contentsOf: $0) }
        return all
    }

    private static func open(_ path: PlatformPath, below folder: OpenFile) throws -> OpenFile {
        try folder.open(below: path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    }

    private static func read(
        _ file: OpenFile, from offset: Int, count: Int, buffer: ChunkBuffer, _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        var done = 0
        while done < count {
            let wanted = min(buffer.bytes.count, count - done)
            let found = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[..<wanted]), at: offset + done)
            guard found == wanted else {
                throw StoreError(.sourceChanged, "\(file.path) became shorter while it was read", remedy: "try again when nothing writes to it")
            }
            try body(UnsafeRawBufferPointer(rebasing: buffer.bytes[..<found]))
            done += found
        }
    }
}

/// An open folder below which files can be opened later, wherever its path leads by then.
public struct FolderHandle: Sendable {
    let file: OpenFile

    public init(_ path: FilePath) throws { file = try OpenFile(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW) }
    public var path: FilePath { file.path }
}
