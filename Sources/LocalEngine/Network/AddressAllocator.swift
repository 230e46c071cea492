/// Which addresses of a range are free.
///
/// It goes round the range, so that an address is used again as late as possible: a router may still hold
/// connections to the instance that had it before. The first and the last address are left out.
struct AddressAllocator: Sendable {
    let range: AddressRange
    private(set) var used: Set<IPv4Address> = []
    private var next: UInt32

    init(range: AddressRange) {
        self.range = range
        next = range.first.bits
    }

    /// How many instances the range can hold.
    var capacity: Int { max(0, Int(range.last.bits - range.first.bits) - 1) }

    /// A free address, `nil` when there is none.
    mutating func take() -> IPv4Address? {
        guard used.count < capacity else { return nil }
        while true {
            advance()
            let address = IPv4Address(bits: next)
            if used.insert(address).inserted { return address }
        }
    }

    /// Marks the address of an instance that was found running; outside the range it does not matter.
    mutating func reserve(_ address: IPv4Address) {
        guard range.contains(address), address != range.first, address != range.last else { return }
        used.insert(address)
        next = max(next, address.bits)
    }

    mutating func free(_ address: IPv4Address) { used.remove(address) }

    private mutating func advance() {
        let isAtEnd = next >= range.last.bits - 1
        next = isAtEnd ? range.first.bits + 1 : next + 1
    }
}
