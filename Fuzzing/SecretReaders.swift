import IngotModel
import Manifest

@testable import Secrets

extension Reader {
    /// The first byte chooses the status. No error may say anything of the answer.
    func readVaultAnswer(_ bytes: [UInt8]) {
        let (answer, body) = Self.answer(bytes)
        check(body) { _ = try VaultAnswer.document(answer, "secret/shop", source: "vault").value(of: "password") }
        check(body) { _ = try VaultAnswer.login(answer, source: "vault").token }
    }

    func readAWSAnswer(_ bytes: [UInt8]) {
        let (answer, body) = Self.answer(bytes)
        for field in [nil, "password"] {
            check(body) { _ = try AWSAnswer.document(answer, "shop/db", source: "aws", credentials: "the keys").value(of: field) }
        }
        let now = Timestamp(secondsSince1970: 0)
        check(body) {
            let token = try AWSMetadataAnswer.token(answer, source: "metadata")
            precondition(Self.isHeader(token))
        }
        check(body) {
            let role = try AWSMetadataAnswer.role(answer, source: "metadata")
            precondition(!role.isEmpty && !role.contains { "/?#%\\".contains($0) })
        }
        check(body) {
            let (credentials, expiration) = try AWSMetadataAnswer.credentials(answer, source: "metadata", at: now)
            precondition(
                Self.isHeader(credentials.accessKey) && Self.isHeader(credentials.sessionToken ?? "") && expiration.map { $0 > now } != false)
        }
    }

    /// Encrypted values, their file, the daemon's sources, and a file of credentials.
    func readSecretFiles(_ text: String) {
        if let file = SealedSecretsFile.parse(text).value {
            precondition(SealedSecretsFile.parse(file.text).value == file || file.boxes.values.contains(where: \.isEmpty))
        }
        for source in SecretSourcesDefinition.parse(text).value ?? [:] {
            guard case .vault(let vault) = source.value.kind else { continue }
            precondition(
                vault.address.hasPrefix("https://") || vault.address.hasPrefix("http://127.0.0.1") || vault.address.hasPrefix("http://[::1]")
                    || vault.address.hasPrefix("http://localhost"))
        }
        _ = AWSCredentials(file: text, profile: "default")
        for line in text.split(separator: "\n") {
            guard let address = AWSMetadataAddress(String(line), plain: AWSMetadataAddress.container) else { continue }
            precondition(
                address.server.hasPrefix("https://")
                    || ["127.", "[::1]", "localhost", "169.254.170.2", "[fd00:ec2::23]"].contains { address.server.hasPrefix("http://\($0)") })
        }
        _ = try? Self.sealingKey.open(text, name: "PASSWORD")
    }

    private static let sealingKey = SealingKey(
        master: [UInt8](repeating: 1, count: 32),
        environment: EnvironmentID(service: ServiceName(uncheckedName: "shop"), environment: EnvironmentName(uncheckedName: "production")))

    private static func isHeader(_ text: String) -> Bool { text.utf8.allSatisfy { (0x21...0x7E).contains($0) } }

    private static func answer(_ bytes: [UInt8]) -> (SourceRequest.Answer, body: String) {
        let statuses = [200, 400, 403, 404, 429, 473, 500, 503]
        let status = statuses[Int(bytes.first ?? 0) % statuses.count]
        let body = Array(bytes.dropFirst())
        return (SourceRequest.Answer(status: status, body: body), String(decoding: body, as: UTF8.self))
    }

    /// What is long enough to be somebody's value must not be in an error.
    private func check(_ body: String, _ read: () throws -> Void) {
        do { try read() } catch {
            guard let error = error as? SecretError else { preconditionFailure("\(error)") }
            precondition(body.count < 64 || !"\(error.message) \(error.remedy ?? "")".contains(body))
        }
    }
}
