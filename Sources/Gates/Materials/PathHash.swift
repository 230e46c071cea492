/// A path as 64 bits, so that thousands can be kept with a layer. FNV-1a: the same on every machine.
///
/// A path is hashed name by name, so all its parents' hashes come on the way.
struct PathHash {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }

    /// Without a leading slash.
    static func of(_ path: some Sequence<UInt8>) -> UInt64 {
        var hash = PathHash()
        for byte in path { hash.add(byte) }
        return hash.value
    }

    /// Of each folder above a path, the outermost first, and of the path itself, last.
    static func chain(_ path: some Sequence<UInt8>) -> [UInt64] {
        var hash = PathHash()
        var chain: [UInt64] = []
        for byte in path {
            if byte == UInt8(ascii: "/") { chain.append(hash.value) }
            hash.add(byte)
        }
        return chain + [hash.value]
    }
}
