internal import Crypto
internal import IngotModel

/// Signs a request to AWS whose path is `/` and which has no query.
///
/// Source: AWS, "Create a signed AWS API request" (Signature Version 4).
struct AWSSignature {
    var credentials: AWSCredentials
    var region: String
    var service: String
    var at: Timestamp

    /// `20150830T123600Z`
    var time: String { String(at.text.prefix(19).filter { $0 != "-" && $0 != ":" }) + "Z" }
    private var day: String { String(time.prefix(8)) }
    private var scope: String { "\(day)/\(region)/\(service)/aws4_request" }

    /// - Parameter headers: all that are signed, `host` and `x-amz-date` among them; names in lower case.
    /// - Returns: the value of `Authorization`.
    func authorization(_ method: String, headers: [String: String], body: [UInt8]) -> String {
        let sorted = headers.sorted { $0.key < $1.key }
        let names = sorted.map(\.key).joined(separator: ";")
        let lines = sorted.map { "\($0.key):\(Self.trimmed($0.value))\n" }.joined()
        let request = "\(method)\n/\n\n\(lines)\n\(names)\n\(Self.hex(SHA256.hash(data: body)))"
        let text = "AWS4-HMAC-SHA256\n\(time)\n\(scope)\n\(Self.hex(SHA256.hash(data: Array(request.utf8))))"
        let signature = Self.hex(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key))
        return "AWS4-HMAC-SHA256 Credential=\(credentials.accessKey)/\(scope), SignedHeaders=\(names), Signature=\(signature)"
    }

    private var key: SymmetricKey {
        let first = credentials.secretKey.withBytes { SymmetricKey(data: Array("AWS4".utf8) + $0) }
        return [day, region, service, "aws4_request"].reduce(first) { key, part in
            SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: Array(part.utf8), using: key))
        }
    }

    /// Without spaces around it, and with one where there were several.
    private static func trimmed(_ value: String) -> String { value.split(separator: " ").joined(separator: " ") }

    private static func hex(_ bytes: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789abcdef")
        return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
}
