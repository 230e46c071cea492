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
    private let send: @Sendable (SourceRequest) async throws -> SourceRequest.Answer
    private var session: Session?
    /// The login that all who need one wait for: the uses of a secret of AppRole may be counted.
    private var loggingIn: Task<Session, any Error>?

    private struct Session {
        var token: SecretValue
        /// When a new one is taken; `nil` for one that does not end.
        var until: ContinuousClock.Instant?
    }

    init(
        _ settings: SecretSourceSettings.VaultSettings, name: String, files: CredentialFiles,
        send: @escaping @Sendable (SourceRequest) async throws -> SourceRequest.Answer = { try await $0.send() }
    ) {
        self.settings = settings
        self.files = files
        self.send = send
        title = "\(name) at \(settings.address)"
    }

    /// What stands at a path of a key-value engine of version 2.
    func document(mount: String, path: String) async throws -> SecretDocument {
        let what = "\(mount)/\(path)"
        let (token, isKept) = try await token()
        do { return try VaultAnswer.document(try await ask("\(mount)/data/\(path)", token), what, source: title) } catch let error as SecretError
            where error.kind == .denied && isKept
        {
            // A token of a login may have been taken back before its time. Another question may have logged in again already.
            if session?.token === token { session = nil }
            return try VaultAnswer.document(try await ask("\(mount)/data/\(path)", try await self.token().token), what, source: title)
        }
    }

    private func ask(_ path: String, _ token: SecretValue) async throws -> SourceRequest.Answer {
        guard let token = token.line(), VaultAnswer.isToken(token) else { throw files.unusable("the token of \(title)") }
        return try await send(request(path, headers: [("X-Vault-Token", token)], body: nil))
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
            return (try await sharedLogin(mount, roleFile, secretFile).token, false)
        }
    }

    /// One login at a time. It is nobody's own: who gives up waiting does not end it for the others. One that failed is not kept.
    private func sharedLogin(_ mount: String, _ roleFile: String, _ secretFile: String) async throws -> Session {
        if let loggingIn { return try await loggingIn.value }
        let task = Task {
            defer { loggingIn = nil }
            let made = try await logIn(mount, roleFile, secretFile)
            session = made
            return made
        }
        loggingIn = task
        return try await task.value
    }

    private func logIn(_ mount: String, _ roleFile: String, _ secretFile: String) async throws -> Session {
        struct Login: Encodable {
            var role_id: String
            var secret_id: String
        }
        guard let role = try files.read(roleFile, "the role of \(title)").line(),
            let secret = try files.read(secretFile, "the secret of \(title)").line()
        else { throw files.unusable("the role or the secret of \(title)") }
        let body = try JSONEncoder().encode(Login(role_id: role, secret_id: secret))
        let answer = try await send(request("auth/\(mount)/login", headers: [], body: Array(body)))
        let login = try VaultAnswer.login(answer, source: title)
        // A new one is taken well before the old one ends.
        return Session(token: login.token, until: login.seconds == 0 ? nil : .now + .seconds(login.seconds) * 2 / 3)
    }
}
