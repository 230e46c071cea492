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
        for field in [nil, "password"] { check(body) { _ = try AWSAnswer.document(answer, "shop/db", source: "aws").value(of: field) } }
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
        _ = try? Self.sealingKey.open(text, name: "PASSWORD")
    }

    private static let sealingKey = SealingKey(
        master: [UInt8](repeating: 1, count: 32),
        environment: EnvironmentID(service: ServiceName(uncheckedName: "shop"), environment: EnvironmentName(uncheckedName: "production")))

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
