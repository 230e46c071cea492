extension AddressRange {
    /// The ranges an engine may take when it was given none: /16 blocks of the private addresses
    /// (RFC 1918, section 3) and of those for carriers (RFC 6598, section 7).
    static let candidates: [AddressRange] =
        blocks(of: 0x0A00_0000, count: 256) + blocks(of: 0xAC10_0000, count: 16) + blocks(of: 0x6440_0000, count: 64)

    /// The candidates that clash with none of the `taken` ranges, beginning at a place that `offset` decides:
    /// two engines that choose at the same time are then unlikely to want the same.
    static func choices(avoiding taken: [AddressRange], offset: Int) -> [AddressRange] {
        let start = Int(offset.magnitude % UInt(candidates.count))
        return (candidates[start...] + candidates[..<start]).filter { candidate in !taken.contains { $0.overlaps(candidate) } }
    }

    private static func blocks(of base: UInt32, count: UInt32) -> [AddressRange] {
        (0..<count).compactMap { AddressRange(first: IPv4Address(bits: base + $0 << 16), prefixLength: 16) }
    }
}
