internal import Foundation
public import IngotModel
internal import Manifest
internal import NIOHTTP1

/// Asks OpenBao or Vault.
actor VaultSource {
    private let settings: SecretSourceSettings.VaultSettings
    private let files: CredentialFiles
    /// For messages.
    private let title: String
    private var session: (token: SecretValue, until: ContinuousClock.Instant?)?

    init(_ settings: SecretSourceSettings.VaultSettings, name: String, files: CredentialFiles) {
        self.settings = settings
        self.files = files
        title = "\(name) at \(settings.address)"
    }

    /// What stands at a path of a key-value engine of version 2.
    func document(mount: String, path: String) async throws -> SecretDocument {
        let what = "\(mount)/\(path)"
        let (token, isKept) = try await token()
        do { return try VaultAnswer.document(try await ask("\(mount)/data/\(path)", token), what, source: title) } catch let error as SecretError
            where error.kind == .denied && isKept
        {
            // A token of a login may have been taken back before its time.
            session = nil
            return try VaultAnswer.document(try await ask("\(mount)/data/\(path)", try await self.token().token), what, source: title)
        }
    }

    private func ask(_ path: String, _ token: SecretValue) async throws -> SourceRequest.Answer {
        guard let token = token.line(), VaultAnswer.isToken(token) else { throw files.unusable("the token of \(title)") }
        return try await request(path, headers: [("X-Vault-Token", token)], body: nil).send()
    }

    private func request(_ path: String, headers: [(name: String, value: String)], body: [UInt8]?) -> SourceRequest {
        let namespace = settings.namespace.map { [(name: "X-Vault-Namespace", value: $0)] } ?? []
        return SourceRequest(
            source: title, method: body == nil ? .GET : .POST, address: "\(settings.address)/v1/\(path)",
            headers: headers + namespace + [("X-Vault-Request", "true")], body: body)
    }

    // MARK: Login

    private func token() async throws -> (token: SecretValue, isKept: Bool) {
        switch settings.login {
        case .tokenFile(let file): return (try files.read(file, "the token of \(title)"), false)
        case .appRole(let mount, let roleFile, let secretFile):
            if let session, session.until.map({ ContinuousClock.now < $0 }) ?? true { return (session.token, true) }
            let login = try await logIn(mount, roleFile, secretFile)
            // A new one is taken well before the old one ends.
            session = (login.token, login.seconds == 0 ? nil : .now + .seconds(login.seconds) * 2 / 3)
            return (login.token, false)
        }
    }

    private func logIn(_ mount: String, _ roleFile: String, _ secretFile: String) async throws -> (token: SecretValue, seconds: Int) {
        struct Login: Encodable {
            var role_id: String
            var secret_id: String
        }
        guard let role = try files.read(roleFile, "the role of \(title)").line(),
            let secret = try files.read(secretFile, "the secret of \(title)").line()
        else { throw files.unusable("the role or the secret of \(title)") }
        let body = try JSONEncoder().encode(Login(role_id: role, secret_id: secret))
        return try VaultAnswer.login(try await request("auth/\(mount)/login", headers: [], body: Array(body)).send(), source: title)
    }
}
