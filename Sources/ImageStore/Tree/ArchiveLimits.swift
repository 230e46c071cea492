public import IngotModel

/// How large a tree, and the archive it is read from, may be. What is above is refused, not cut.
public struct ArchiveLimits: Hashable, Sendable {
    /// Files, folders and links together.
    public var entries: Int
    /// The sum of all files' lengths.
    public var bytes: ByteSize
    /// Names in a path.
    public var depth: Int
    /// Extended attributes of one file, names and values.
    public var attributeBytes: ByteSize
    /// How many times larger an archive may become when it is decompressed…
    public var decompressionRatio: Int
    /// …as soon as it is larger than this.
    public var decompressionFloor: ByteSize

    public init(
        entries: Int = 1_000_000, bytes: ByteSize = .gibibytes(20), depth: Int = 128, attributeBytes: ByteSize = 65_536,
        decompressionRatio: Int = 200, decompressionFloor: ByteSize = .mebibytes(64)
    ) {
        self.entries = entries
        self.bytes = bytes
        self.depth = depth
        self.attributeBytes = attributeBytes
        self.decompressionRatio = decompressionRatio
        self.decompressionFloor = decompressionFloor
    }

    public static let standard = ArchiveLimits()
}
