internal import Glibc

/// Reads a file's content by offset.
public struct ContentReader {
    private enum Source {
        case bytes([UInt8])
        case file(OpenFile, offset: Int)
    }

    /// In bytes.
    public let size: Int
    private let source: Source

    public init(_ content: FileContent) throws {
        size = content.size
        switch content.source {
        case .bytes(let bytes): source = .bytes(bytes)
        case .open(let file, let offset): source = .file(file, offset: offset)
        case .file(let folder, let path, let offset):
            source = .file(try folder.open(below: path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK), offset: offset)
        }
    }

    /// Fills as much of the buffer as there is, and returns how much.
    public func read(into buffer: UnsafeMutableRawBufferPointer, at position: Int) throws -> Int {
        let count = max(0, min(buffer.count, size - position))
        let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
        switch source {
        case .bytes(let bytes):
            part.copyBytes(from: bytes[position..<(position + count)])
            return count
        case .file(let file, let offset): return try file.read(into: part, at: offset + position)
        }
    }

    /// The bytes of a range, less what lies behind the end.
    public func bytes(_ range: Range<Int>) throws -> [UInt8] {
        let range = range.clamped(to: 0..<size)
        return try Array(unsafeUninitializedCapacity: range.count) { buffer, count in
            count = try read(into: UnsafeMutableRawBufferPointer(buffer), at: range.lowerBound)
        }
    }
}

extension FileContent {
    /// Whether both are the same place of the same file, so that there is nothing to compare.
    func isSamePlace(as other: FileContent) -> Bool {
        switch (source, other.source) {
        case (.file(let folder, let path, let offset), .file(let otherFolder, let otherPath, let otherOffset)):
            path == otherPath && offset == otherOffset && (folder === otherFolder || folder.path == otherFolder.path)
        case (.open(let file, let offset), .open(let otherFile, let otherOffset)): file === otherFile && offset == otherOffset
        default: false
        }
    }
}
