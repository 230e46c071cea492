public import IngotModel

/// A block of IPv4 addresses from which instances get theirs, in CIDR form: `10.77.0.0/16`.
///
/// Source of the form: RFC 4632, section 3.1. A prefix with bits set behind its length is refused.
public struct AddressRange: TextCodable, Hashable, Sendable, CustomStringConvertible {
    public static let expectation = "an IPv4 range such as 10.77.0.0/16"

    let first: IPv4Address
    let prefixLength: Int

    init?(first: IPv4Address, prefixLength: Int) {
        guard (0...32).contains(prefixLength), first.bits & ~Self.mask(prefixLength) == 0 else { return nil }
        self.first = first
        self.prefixLength = prefixLength
    }

    public init?(text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let first = IPv4Address(parts[0]), let length = Int(parts[1]) else { return nil }
        self.init(first: first, prefixLength: length)
    }

    init(only address: IPv4Address) {
        first = address
        prefixLength = 32
    }

    var last: IPv4Address { IPv4Address(bits: first.bits | ~Self.mask(prefixLength)) }

    func contains(_ address: IPv4Address) -> Bool { (first...last).contains(address) }

    func overlaps(_ other: AddressRange) -> Bool { first <= other.last && other.first <= last }

    public var text: String { "\(first)/\(prefixLength)" }
    public var description: String { text }

    private static func mask(_ length: Int) -> UInt32 { length == 0 ? 0 : UInt32.max << UInt32(32 - length) }
}
