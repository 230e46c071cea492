internal import FoundationEssentials

/// What of lower layers a layer hides: pure, from hashes of its paths.
///
/// Source: OCI Image Specification 1.1, Image Layer Filesystem Changeset.
struct LayerCover: Hashable, Sendable, Codable {
    /// Names that are no folders, whiteouts among them: each hides its path and everything below.
    private(set) var names: Set<UInt64> = []
    /// Folders that hide what is below them.
    private(set) var opaqueFolders: Set<UInt64> = []

    init() {}

    mutating func addName(_ path: some Sequence<UInt8>) { names.insert(PathHash.of(path)) }
    mutating func addOpaqueFolder(_ path: some Sequence<UInt8>) { opaqueFolders.insert(PathHash.of(path)) }

    /// Whether what a lower layer has at the path is not seen any more. The path is without a leading slash.
    func hides(_ path: some Sequence<UInt8>) -> Bool {
        let chain = PathHash.chain(path)
        return chain.contains(where: names.contains) || chain.dropLast().contains(where: opaqueFolders.contains)
    }

    private enum CodingKeys: CodingKey { case names, opaqueFolders }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        names = Self.hashes(try container.decode(Data.self, forKey: .names))
        opaqueFolders = Self.hashes(try container.decode(Data.self, forKey: .opaqueFolders))
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(Self.data(names), forKey: .names)
        try container.encode(Self.data(opaqueFolders), forKey: .opaqueFolders)
    }

    private static func data(_ hashes: Set<UInt64>) -> Data {
        var data = Data(capacity: hashes.count * 8)
        for hash in hashes.sorted() { withUnsafeBytes(of: hash.littleEndian) { data.append(contentsOf: $0) } }
        return data
    }

    private static func hashes(_ data: Data) -> Set<UInt64> {
        let bytes = Array(data)
        return bytes.withUnsafeBytes { buffer in
            Set((0..<(buffer.count / 8)).map { UInt64(littleEndian: buffer.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self)) })
        }
    }
}
