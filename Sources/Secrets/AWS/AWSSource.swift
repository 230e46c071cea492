internal import Foundation
internal import IngotModel
internal import Manifest
internal import NIOHTTP1

/// Asks AWS Secrets Manager.
struct AWSSource: Sendable {
    let settings: SecretSourceSettings.AWSSettings
    let files: CredentialFiles
    let variables: [String: String]
    let title: String

    init(_ settings: SecretSourceSettings.AWSSettings, name: String, files: CredentialFiles, variables: [String: String]) {
        self.settings = settings
        self.files = files
        self.variables = variables
        title = "\(name) in \(settings.region)"
    }

    /// - Parameter stage: the staging label of a version.
    func document(id: String, stage: String) async throws -> SecretDocument {
        struct Question: Encodable {
            var SecretId: String
            var VersionStage: String
        }
        let body = Array(try JSONEncoder().encode(Question(SecretId: id, VersionStage: stage)))
        return try AWSAnswer.document(try await request(body, try credentials(), at: Self.now).send(), id, source: title)
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

    /// The daemon's variables; where `credentials-file` is set, that file and nothing else.
    private func credentials() throws(SecretError) -> AWSCredentials {
        guard let file = settings.credentialsFile else {
            guard let credentials = AWSCredentials(environment: variables) else {
                throw SecretError(
                    .notSetUp, "there are no credentials for \(title)",
                    remedy: "set 'credentials-file' in secret-sources.yaml, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of the daemon")
            }
            return credentials
        }
        let text = try files.read(file, "the credentials of \(title)").withBytes { String(decoding: $0, as: UTF8.self) }
        guard let credentials = AWSCredentials(file: text, profile: settings.profile) else {
            throw SecretError(.notSetUp, "\(file) has no keys for the profile '\(settings.profile)'", remedy: "see 'profile' in secret-sources.yaml")
        }
        return credentials
    }

    /// A signature is good for some minutes around its time, by the wall clock.
    private static var now: Timestamp { Timestamp(millisecondsSince1970: Int(Date().timeIntervalSince1970 * 1_000)) }
}
