/// What EXPOSE names, one by one: `80/tcp`.
///
/// An address or a port of the host before it is read and has no meaning: `127.0.0.1:80:8080/udp` is `8080/udp`. A check warns.
struct ExposedPorts {
    var names: [String]
    /// Whether there was an address or a port of the host.
    var hasHostPart: Bool
    /// The protocol as it was written.
    var writtenTransport: String

    init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard let container = parts.last?.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false), let ports = Self.range(container[0])
        else { return nil }
        let host = parts.count >= 2 ? parts[parts.count - 2] : ""
        guard host.isEmpty || Self.range(host) != nil else { return nil }
        hasHostPart = parts.count > 1
        writtenTransport = container.count == 2 ? String(container[1]) : ""
        let transport = writtenTransport.isEmpty ? "tcp" : writtenTransport.lowercased()
        guard ["tcp", "udp", "sctp"].contains(transport) else { return nil }
        names = ports.map { "\($0)/\(transport)" }
    }

    private static func range(_ text: Substring) -> ClosedRange<Int>? {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count <= 2, ends.allSatisfy({ $0.allSatisfy { $0.isASCII && $0.isNumber } }) else { return nil }
        guard let low = Int(ends[0]), let high = Int(ends[ends.count - 1]), low <= high, high <= 65_535 else { return nil }
        return low...high
    }
}
