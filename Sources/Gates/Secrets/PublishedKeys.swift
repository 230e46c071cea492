internal import struct Crypto.SHA256

/// Private keys that everybody has: GnuTLS tests itself with them. A key is known by what it is, never by where it lies.
///
/// Source: GnuTLS, lib/crypto-selftests-pk.c, as of 2013 and as in 3.7.9. Each digest is the SHA-256 of the base64 text without blanks.
enum PublishedKeys {
    private static let digests: Set<String> = [
        "0abce0c5fd3b863ee4d881dcc5382b334393868cef4c32e687d87ce334d456b8", "24a2416c5abbb67327599619c25906553b849d79cbc413e2a061f12de6718838",
        "30db3ea6d728b88c03c56388f64efb5bfe5e8d0ed3640482108ac79645304e6f", "518a21fe5a8a54f8f31d8913c3aa5be433ba94871630b3f85009c146bd3b844e",
        "6d03bbf47115fad00d6f990593a6465ca693d0f6d797721cfc94b0190349b50d", "9ab6db67523ba6071fdb948b3ce38349ec08fb726f359abbbca33a3a84238ba2",
        "bf552d2ff30b20f0b0ee2bcc357a5ab68dbe899ae09a0071b097bee2d2434332", "c780c483da21d36753a9662fc03234d3fda795fe0bad451fbfa01dab43321ac5",
        "cadf1e62661d5d21a7fce2c80b3319022ee366137e4b302a7ea78b7f17d6f599", "f287c70b1db074fe73f73bfb1f09a8b0231e0d951d5bfd30a742bcb9de9195ab",
        "1689742a257afa3bfe91c85f6d7af85ef18dbe4a2668edb65c670d5efadc4e76", "0dd46243c1f2e6ac54f3a7c312df576d51d6fb117a556f5cd903a5484367d498",
        "c7daf66c197dddb6a64b7e38d27dda15d3ed1a286159247c4bf8749fc0cfb35c", "47382ff9d653f755cef7040ebb464eb41708c579a612013ef6a425d80fa4116f",
        "1e048df614bb269ef3bafc51c2e90b469b1f391cbb2ca1ee06866f2d874818ef",
    ]
    private static let longest = 2048

    /// - Parameter start: behind the line that begins the key.
    static func contains(_ bytes: UnsafeBufferPointer<UInt8>, behind start: Int) -> Bool {
        var text: [UInt8] = []
        for byte in bytes[start...].prefix(longest) {
            guard Alphabet.base64.contains(byte) else {
                if [10, 13, 32, 9].contains(byte) { continue }
                break
            }
            text.append(byte)
        }
        return digests.contains(SHA256.hash(data: text).map { Self.hex[Int($0)] }.joined())
    }

    private static let hex = (0..<256).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
}
