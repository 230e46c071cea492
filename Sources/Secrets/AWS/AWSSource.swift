internal import Foundation
internal import IngotModel
internal import Manifest
internal import NIOHTTP1

/// Asks AWS Secrets Manager.
struct AWSSource: Sendable {
    let settings: SecretSourceSettings.AWSSettings
    let provider: AWSCredentialProvider
    let title: String

    init(_ settings: SecretSourceSettings.AWSSettings, name: String, files: CredentialFiles, variables: [String: String]) {
        self.settings = settings
        title = "\(name) in \(settings.region)"
        provider = AWSCredentialProvider(settings, title: title, files: files, variables: variables, now: { Self.now })
    }

    /// - Parameter stage: the staging label of a version.
    func document(id: String, stage: String) async throws -> SecretDocument {
        struct Question: Encodable {
            var SecretId: String
            var VersionStage: String
        }
        let body = Array(try JSONEncoder().encode(Question(SecretId: id, VersionStage: stage)))
        let (credentials, origin) = try await provider.credentials()
        let answer = try await request(body, credentials, at: Self.now).send()
        do { return try AWSAnswer.document(answer, id, source: title, credentials: origin) } catch let error where error.kind == .denied {
            await provider.doubt()
            throw error
        }
    }

    func request(_ body: [UInt8], _ credentials: AWSCredentials, at: Timestamp) -> SourceRequest {
        let address = settings.endpoint ?? "https://secretsmanager.\(settings.region).amazonaws.com"
        let signature = AWSSignature(credentials: credentials, region: settings.region, service: "secretsmanager", at: at)
        var headers = [
            "host": String(address.drop { $0 != ":" }.dropFirst(3)), "content-type": "application/x-amz-json-1.1", "x-amz-date": signature.time,
            "x-amz-target": "secretsmanager.GetSecretValue",
        ]
        headers["x-amz-security-token"] = credentials.sessionToken
        let authorization = signature.authorization("POST", headers: headers, body: body)
        let sent = headers.map { (name: $0.key, value: $0.value) } + [("authorization", authorization)]
        return SourceRequest(source: title, method: .POST, address: address + "/", headers: sent, body: body)
    }

    /// A signature is good for some minutes around its time, by the wall clock.
    private static var now: Timestamp { Timestamp(millisecondsSince1970: Int(Date().timeIntervalSince1970 * 1_000)) }
}
