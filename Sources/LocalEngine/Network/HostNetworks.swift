/// What addresses this machine has to do with already, read from the kernel's own tables.
enum HostNetworks {
    /// The destinations in `/proc/net/route`, without the default route, which clashes with nothing.
    ///
    /// Columns: interface, destination, gateway, flags, …, mask as the eighth; addresses are hexadecimal in the
    /// machine's byte order. Lines that are not like that are passed over. Source: proc(5).
    static func routes(in text: String) -> [AddressRange] {
        text.split(separator: "\n").dropFirst().compactMap(route(in:))
    }

    private static func route(in line: Substring) -> AddressRange? {
        let columns = line.split(whereSeparator: { $0 == "\t" || $0 == " " })
        guard columns.count > 7, let destination = UInt32(columns[1], radix: 16), let mask = UInt32(columns[7], radix: 16),
            mask != 0
        else { return nil }
        let prefix = UInt32(bigEndian: destination) & UInt32(bigEndian: mask)
        return AddressRange(first: IPv4Address(bits: prefix), prefixLength: mask.nonzeroBitCount)
    }

    /// The IPv4 name servers in the text of a `resolv.conf`. Source: resolv.conf(5).
    static func nameServers(in text: String) -> [IPv4Address] {
        text.split(separator: "\n").compactMap { line in
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
            guard words.count >= 2, words[0] == "nameserver" else { return nil }
            return IPv4Address(words[1])
        }
    }
}
