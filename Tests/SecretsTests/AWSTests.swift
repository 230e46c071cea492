import IngotModel
import Manifest
import Testing

@testable import Secrets

@Suite("Requests to AWS")
struct AWSTests {
    private static let keys = ["AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"]

    /// Source: AWS Signature Version 4 test suite: get-vanilla, post-vanilla, post-x-www-form-urlencoded.
    @Test(
        "are signed as AWS's own examples",
        arguments: [
            ("GET", [:], "", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
            ("POST", [:], "", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
            (
                "POST", ["content-type": "application/x-www-form-urlencoded"], "Param1=value1",
                "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"
            ),
        ] as [(String, [String: String], String, String)])
    func examples(method: String, headers: [String: String], body: String, signature: String) throws {
        let credentials = try #require(AWSCredentials(environment: Self.keys))
        let at = try #require(Timestamp(text: "2015-08-30T12:36:00.000Z"))
        let signer = AWSSignature(credentials: credentials, region: "us-east-1", service: "service", at: at)
        let signed = headers.merging(["host": "example.amazonaws.com", "x-amz-date": signer.time]) { first, _ in first }
        let text = signer.authorization(method, headers: signed, body: Array(body.utf8))
        #expect(text.hasPrefix("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders="))
        #expect(text.hasSuffix("Signature=\(signature)"))
    }

    @Test("take credentials of a profile, or of variables, and nothing that could break a header")
    func credentials() {
        let file = """
            # comment
            [default]
            aws_access_key_id = AAA
            aws_secret_access_key=s=1
              [ other ]
            aws_access_key_id=BBB
            aws_secret_access_key = t
            aws_session_token = u
            [half]
            aws_access_key_id = CCC
            """
        let found = AWSCredentials(file: file, profile: "default")
        #expect(found?.accessKey == "AAA" && found?.secretKey.line() == "s=1" && found?.sessionToken == nil)
        #expect(AWSCredentials(file: file, profile: "other")?.sessionToken == "u")
        #expect(AWSCredentials(file: file, profile: "half") == nil && AWSCredentials(file: file, profile: "none") == nil)
        #expect(AWSCredentials(environment: [:]) == nil)
        #expect(AWSCredentials(environment: Self.keys.merging(["AWS_SESSION_TOKEN": "a b"]) { $1 }) == nil)
        #expect(AWSCredentials(environment: Self.keys.merging(["AWS_ACCESS_KEY_ID": "a\r\nb"]) { $1 }) == nil)
    }

    @Test("go to the region's address, or to the one that is set")
    func address() throws {
        let credentials = try #require(AWSCredentials(environment: Self.keys.merging(["AWS_SESSION_TOKEN": "t"]) { $1 }))
        func request(_ extra: String) throws -> SourceRequest {
            let text = "sources: { a: { kind: aws, region: eu-central-1\(extra) } }"
            guard case .aws(let settings) = try #require(SecretSourcesDefinition.parse(text).value?["a"]).kind else { throw CancellationError() }
            let source = AWSSource(settings, name: "a", files: CredentialFiles { _, _ in nil }, variables: [:])
            return source.request([], credentials, at: Timestamp(secondsSince1970: 0))
        }
        #expect(try request("").address == "https://secretsmanager.eu-central-1.amazonaws.com/")
        let local = try request(", endpoint: http://127.0.0.1:5000")
        #expect(local.address == "http://127.0.0.1:5000/")
        #expect(local.headers.contains { $0.name == "host" && $0.value == "127.0.0.1:5000" })
        #expect(local.headers.contains { $0.name == "x-amz-security-token" && $0.value == "t" })
    }
}
