import IngotModel
import Simulation
import Testing

@testable import Secrets

@Suite("Answers of sources")
struct AnswerTests {
    private typealias Answer = SourceRequest.Answer
    private static let planted = "s3cr3t-planted"

    /// A value, or which error; and that no error says anything of the answer.
    private func outcome(_ body: () throws -> SecretValue) -> String {
        do { return try body().withBytes { String(decoding: $0, as: UTF8.self) } } catch {
            guard let error = error as? SecretError else { return "\(error)" }
            #expect(!"\(error.message) \(error.remedy ?? "")".contains(Self.planted))
            return error.kind.rawValue
        }
    }

    @Test(
        "of OpenBao",
        arguments: [
            (200, #"{"data":{"data":{"password":"one","n":5},"metadata":{"version":1}}}"#, "one"),
            (200, #"{"data":{"data":{"password":"","n":5}}}"#, "empty"),
            (200, #"{"data":{"data":{"other":"s3cr3t-planted"}}}"#, "field-missing"),
            (200, #"{"data":{"data":{"password":5}}}"#, "malformed"),
            (200, #"{"data":{"data":{"password":{"a":"s3cr3t-planted"}}}}"#, "malformed"),
            (200, #"{"data":{"data":{"password":null}}}"#, "malformed"),
            (200, #"{"data":{"data":null}}"#, "malformed"),
            (200, #"{"data":{"password":"s3cr3t-planted"}}"#, "malformed"),
            (200, #"{"data":"s3cr3t-planted"}"#, "malformed"), (200, "", "malformed"), (200, "s3cr3t-planted", "malformed"),
            (200, String(repeating: #"{"data":"#, count: 5_000), "malformed"),
            (404, #"{"errors":[]}"#, "missing"),
            (404, #"{"data":{"data":null,"metadata":{"deletion_time":"2026-11-26T21:40:33Z"}}}"#, "missing"),
            (403, #"{"errors":["permission denied"]}"#, "denied"), (503, #"{"errors":["Vault is sealed"]}"#, "sealed"), (503, "", "down"),
            (501, "", "sealed"), (429, "", "overloaded"), (473, "", "down"), (500, #"{"errors":["s3cr3t-planted"]}"#, "down"), (502, "", "down"),
            (307, "", "malformed"), (400, #"{"errors":["s3cr3t-planted"]}"#, "malformed"), (204, "", "malformed"),
        ] as [(Int, String, String)])
    func vault(status: Int, body: String, expected: String) {
        let found = outcome {
            try VaultAnswer.document(Answer(status: status, body: Array(body.utf8)), "secret/shop", source: "vault").value(of: "password")
        }
        #expect(found == expected)
    }

    @Test(
        "of a login",
        arguments: [
            (200, #"{"auth":{"client_token":"t","lease_duration":60}}"#, "t"),
            (200, #"{"auth":{"client_token":"a b","lease_duration":60}}"#, "malformed"),
            (200, #"{"auth":{"client_token":"a\r\nX-Other: b","lease_duration":60}}"#, "malformed"),
            (200, #"{"auth":{"client_token":"","lease_duration":60}}"#, "malformed"),
            (200, #"{"auth":{"client_token":"t","lease_duration":-1}}"#, "malformed"),
            (200, #"{"auth":null}"#, "malformed"), (400, #"{"errors":["invalid role or secret ID"]}"#, "denied"),
            (503, #"{"errors":["sealed"]}"#, "sealed"),
        ] as [(Int, String, String)])
    func login(status: Int, body: String, expected: String) {
        #expect(outcome { try VaultAnswer.login(Answer(status: status, body: Array(body.utf8)), source: "vault").token } == expected)
    }

    @Test(
        "of AWS",
        arguments: [
            (200, #"{"SecretString":"one"}"#, nil, "one"), (200, #"{"SecretBinary":"b25l"}"#, nil, "one"),
            (200, #"{"SecretString":""}"#, nil, "empty"),
            (200, #"{"SecretString":"{\"password\":\"two\",\"n\":1}"}"#, "password", "two"),
            (200, #"{"SecretString":"{\"password\":\"two\",\"n\":1}"}"#, "n", "malformed"),
            (200, #"{"SecretString":"{\"password\":\"s3cr3t-planted\"}"}"#, "other", "field-missing"),
            (200, #"{"SecretString":"s3cr3t-planted"}"#, "password", "field-missing"), (200, #"{"SecretBinary":"***"}"#, nil, "malformed"),
            (200, "{}", nil, "malformed"), (200, "[", nil, "malformed"),
            (400, #"{"__type":"ResourceNotFoundException","message":"s3cr3t-planted"}"#, nil, "missing"),
            (400, #"{"__type":"com.amazonaws.secretsmanager#ResourceNotFoundException"}"#, nil, "missing"),
            (400, #"{"__type":"InvalidRequestException"}"#, nil, "missing"), (400, #"{"__type":"AccessDeniedException"}"#, nil, "denied"),
            (400, #"{"__type":"UnrecognizedClientException"}"#, nil, "denied"), (400, #"{"__type":"ThrottlingException"}"#, nil, "overloaded"),
            (500, #"{"__type":"InternalServiceError"}"#, nil, "down"), (503, "", nil, "down"), (400, "s3cr3t-planted", nil, "malformed"),
            (301, "", nil, "malformed"),
        ] as [(Int, String, String?, String)])
    func aws(status: Int, body: String, field: String?, expected: String) {
        let found = outcome {
            try AWSAnswer.document(Answer(status: status, body: Array(body.utf8)), "prod/db", source: "aws", credentials: "the keys").value(of: field)
        }
        #expect(found == expected)
    }

    private static let now = Timestamp(secondsSince1970: 1_767_225_600)

    @Test(
        "of a role's credentials",
        arguments: [
            (200, #"{"Code":"Success","AccessKeyId":"A","SecretAccessKey":"s","Token":"t","Expiration":"2026-01-01T06:00:00Z"}"#, "A s t 21600s"),
            (200, #"{"AccessKeyId":"A","SecretAccessKey":"s","Token":"t","Expiration":"2026-01-01T00:00:01.000Z"}"#, "A s t 1s"),
            (200, #"{"AccessKeyId":"A","SecretAccessKey":"s","Token":null,"Expiration":null}"#, "A s - -"),
            (200, #"{"AccessKeyId":"A","SecretAccessKey":"s3cr3t-planted","Token":"t","Expiration":"2026-01-01T00:00:00Z"}"#, "down"),
            (200, #"{"AccessKeyId":"A","SecretAccessKey":"s3cr3t-planted","Token":"t","Expiration":"0000-01-01T00:00:00Z"}"#, "down"),
            (200, #"{"AccessKeyId":"A","SecretAccessKey":"s","Token":"t","Expiration":"s3cr3t-planted"}"#, "malformed"),
            (200, #"{"AccessKeyId":"A","SecretAccessKey":"s","Token":"t","Expiration":""}"#, "malformed"),
            (200, #"{"AccessKeyId":"A","SecretAccessKey":"s","Token":"t","Expiration":1767250000}"#, "malformed"),
            (200, #"{"AccessKeyId":"A","SecretAccessKey":"s","Token":"t","Expiration":"2026-02-30T00:00:00Z"}"#, "malformed"),
            (200, #"{"Code":"AssumeRoleUnauthorizedAccess","Message":"s3cr3t-planted"}"#, "denied"),
            (200, #"{"Code":"s3cr3t-planted","AccessKeyId":"A","SecretAccessKey":"s","Token":"t"}"#, "denied"),
            (200, #"{"Code":5,"AccessKeyId":"A","SecretAccessKey":"s"}"#, "malformed"),
            (200, #"{"AccessKeyId":"s3cr3t-planted","Token":"t"}"#, "malformed"), (200, #"{"SecretAccessKey":"s3cr3t-planted"}"#, "malformed"),
            (200, #"{"AccessKeyId":["s3cr3t-planted"],"SecretAccessKey":"s"}"#, "malformed"),
            (200, #"{"AccessKeyId":"","SecretAccessKey":"s"}"#, "malformed"), (200, #"{"AccessKeyId":"A","SecretAccessKey":""}"#, "malformed"),
            (200, #"{"AccessKeyId":"A\r\nX-Other: b","SecretAccessKey":"s"}"#, "malformed"),
            (200, #"{"AccessKeyId":"A","SecretAccessKey":"s3cr3t-planted\u0000"}"#, "malformed"),
            (200, #"{"AccessKeyId":"A","SecretAccessKey":"s","Token":"t\nu"}"#, "malformed"),
            (200, #"{"AccessKeyId":"A","SecretAccessKey":"s","Token":"\u00e4"}"#, "malformed"),
            (200, #"{"AccessKeyId":"A","SecretAccessKey":"s","Token":"\#(String(repeating: "t", count: 9_000))"}"#, "malformed"),
            (200, #"{"AccessKeyId":"A","SecretAccessKey":"s3cr3t-planted","#, "malformed"), (200, "s3cr3t-planted", "malformed"),
            (200, "", "malformed"),
            (200, "[]", "malformed"), (200, "null", "malformed"), (200, String(repeating: #"{"Token":"#, count: 5_000), "malformed"),
            (302, "", "malformed"), (400, "s3cr3t-planted", "malformed"), (401, "", "denied"), (403, "s3cr3t-planted", "denied"),
            (404, "<html>s3cr3t-planted", "not-set-up"), (429, "", "overloaded"), (500, "", "down"), (503, "s3cr3t-planted", "down"),
            (204, "", "malformed"),
        ] as [(Int, String, String)])
    func role(status: Int, body: String, expected: String) {
        let found = outcome {
            let (credentials, expiration) = try AWSMetadataAnswer.credentials(
                Answer(status: status, body: Array(body.utf8)), source: "metadata", at: Self.now)
            let left = expiration.map { "\(($0 - Self.now).count / 1_000)s" }
            return SecretValue(
                "\(credentials.accessKey) \(credentials.secretKey.line() ?? "") \(credentials.sessionToken ?? "-") \(left ?? "-")")
        }
        #expect(found == expected)
    }

    @Test(
        "of instance metadata to a session and its role",
        arguments: [
            (200, "AQAEAA==", "AQAEAA==", "AQAEAA=="), (200, "a/b", "a/b", "malformed"), (200, "shop-role", "shop-role", "shop-role"),
            (200, "shop_r.o+l=e,@1\n", "malformed", "shop_r.o+l=e,@1"),
            (200, "", "malformed", "malformed"), (200, "two\nroles", "malformed", "malformed"), (200, "a b", "malformed", "malformed"),
            (200, "a\r\nX-Other: b", "malformed", "malformed"), (200, "../../user-data", "../../user-data", "malformed"),
            (200, "a?b", "a?b", "malformed"), (200, "a%2fb", "a%2fb", "malformed"), (200, "r\u{e4}", "malformed", "malformed"),
            (200, String(repeating: "a", count: 65), String(repeating: "a", count: 65), "malformed"),
            (200, String(repeating: "a", count: 9_000), "malformed", "malformed"), (302, "s3cr3t-planted", "malformed", "malformed"),
            (401, "s3cr3t-planted", "denied", "denied"), (403, "", "denied", "denied"), (404, "", "not-set-up", "not-set-up"),
            (503, "", "down", "down"),
        ] as [(Int, String, String, String)])
    func metadata(status: Int, body: String, token: String, role: String) {
        let answer = Answer(status: status, body: Array(body.utf8))
        let found = outcome { SecretValue(try AWSMetadataAnswer.token(answer, source: "metadata")) }
        let name = outcome { SecretValue(try AWSMetadataAnswer.role(answer, source: "metadata")) }
        #expect(found == token && name == role)
    }

    @Test("damaged answers end with a value or an error of their own", arguments: 1...20)
    func damaged(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let vault = #"{"data":{"data":{"password":"one","n":[5,{"a":1.5e3}]},"metadata":{"version":1}},"auth":{"client_token":"t"},"#
        let role = #""Code":"Success","AccessKeyId":"A","SecretAccessKey":"s","Token":"t","Expiration":"2026-01-01T06:00:00Z"}"#
        let whole = Array((vault + role).utf8)
        for _ in 0..<200 {
            var body = whole
            for _ in 0...Int.random(in: 0...3, using: &generator) {
                body[Int.random(in: body.indices, using: &generator)] = UInt8.random(in: .min ... .max, using: &generator)
            }
            let answer = Answer(status: 200, body: Array(body.prefix(Int.random(in: 0...body.count, using: &generator))))
            for body in [
                { try VaultAnswer.document(answer, "a", source: "b").value(of: "password") }, { try VaultAnswer.login(answer, source: "b").token },
                { try AWSAnswer.document(answer, "a", source: "b", credentials: "c").value(of: nil) },
                { try AWSMetadataAnswer.credentials(answer, source: "b", at: Self.now).credentials.secretKey },
                { SecretValue(try AWSMetadataAnswer.token(answer, source: "b") + AWSMetadataAnswer.role(answer, source: "b")) },
            ] as [() throws -> SecretValue] {
                do { _ = try body() } catch { #expect(error is SecretError) }
            }
        }
    }
}
