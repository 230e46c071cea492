import IngotModel
import Testing

@Suite("Digests")
struct DigestTests {
    static let hex = String(repeating: "0123456789abcdef", count: 4)

    @Test("what is written is what is read")
    func roundTrip() throws {
        let digest = try #require(Digest("sha256:\(Self.hex)"))
        #expect(digest.description == "sha256:\(Self.hex)")
        #expect(digest.hex == Self.hex)
        #expect(digest.short == "0123456789ab")
        #expect(Digest(hex: Self.hex) == digest)
        #expect(try value(Digest.self, from: json(digest)) == digest)
    }

    @Test("32 bytes become their 64 digits")
    func bytes() {
        #expect(Digest(bytes: (0..<32).map { UInt8($0 * 8) }).hex.hasPrefix("0008101820283038"))
    }

    @Test(
        "anything but sha256 and 64 lower-case digits is no digest",
        arguments: [
            "", "sha256:", "sha256", hex, "sha256:\(hex.uppercased())", "sha256:\(hex)0", "sha256:\(hex.dropLast())", "sha512:\(hex)",
            "SHA256:\(hex)", " sha256:\(hex)", "sha256:\(hex.dropLast())g", "sha256:\(hex.dropLast(2))é", "sha256:../../\(hex.dropLast(6))",
        ])
    func refuses(text: String) { #expect(Digest(text) == nil) }

    @Test("a wrong digest in JSON is an error that quotes it and says what was expected")
    func explains() {
        #expect {
            try value(Digest.self, from: "\"sha256:nonsense\"")
        } throws: { error in
            "\(error)".contains("'sha256:nonsense' is not a digest")
        }
    }
}
