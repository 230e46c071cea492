internal import FoundationEssentials
internal import IngotModel
internal import NIOCore
internal import NIOHTTP1

/// What is to be done with a repository. Source: Docker Registry v2, "Token Scope Documentation".
struct AccessScope: Hashable, Sendable, CustomStringConvertible {
    var repository: String
    var isPush = false
    var description: String { "repository:\(repository):\(isPush ? "pull,push" : "pull")" }
}

/// Proves to one registry who we are, in the way that it asks for. Tokens are kept for as long as they hold.
///
/// Source: Docker Registry v2 authentication; OCI Distribution Specification 1.1 leaves it to RFC 9110.
actor Authenticator {
    private struct Token {
        var header: String
        var goodUntil: ContinuousClock.Instant
    }

    private struct Answer: Decodable {
        var token: String?
        var access_token: String?
        var expires_in: Double?
    }

    private let endpoint: Endpoint
    private let transport: Transport
    private let credentials: CredentialStore
    private var basic: String?
    private var tokens: [[AccessScope]: Token] = [:]
    private var asking: [[AccessScope]: Task<Token, any Error>] = [:]

    init(_ endpoint: Endpoint, _ transport: Transport, _ credentials: CredentialStore) {
        self.endpoint = endpoint
        self.transport = transport
        self.credentials = credentials
    }

    /// What to send; `nil` while the registry has not asked for anything.
    func header(for scopes: [AccessScope]) -> String? {
        if let token = tokens[scopes], token.goodUntil > .now { return token.header }
        return basic
    }

    /// Takes up what the registry asks for.
    ///
    /// - Parameter refused: what was sent, and was not enough.
    /// - Throws: `RegistryError` `unauthorized` when there is nothing more to send.
    func answer(_ challenges: [Challenge], for scopes: [AccessScope], refused: String?) async throws {
        // Another request may have been through this already.
        if let header = header(for: scopes), header != refused { return }
        if let bearer = challenges.first(where: { $0.scheme == "bearer" }) {
            let token = try await token(bearer, scopes)
            guard token.header != refused else { throw unauthorized(await hasCredentials) }
            tokens[scopes] = token
        } else if challenges.contains(where: { $0.scheme == "basic" }) {
            guard let header = try await credentials.credential(for: endpoint.host)?.basic, header != refused else {
                throw unauthorized(await hasCredentials)
            }
            basic = header
        } else {
            throw RegistryError.answerInvalid(endpoint.host, "it asks for a login, and says of no way that is known")
        }
    }

    private var hasCredentials: Bool {
        get async { ((try? await credentials.credential(for: endpoint.host)) ?? nil) != nil }
    }

    private func unauthorized(_ hasCredentials: Bool, _ more: String = "") -> RegistryError {
        RegistryError(
            .unauthorized,
            hasCredentials ? "\(endpoint.host) does not accept the credentials that are there\(more)" : "\(endpoint.host) asks for a login\(more)",
            remedy: "log in: docker login \(endpoint.host), or skopeo login --authfile ~/.docker/config.json \(endpoint.host)", fault: .user)
    }

    // MARK: Tokens

    private func token(_ challenge: Challenge, _ scopes: [AccessScope]) async throws -> Token {
        if let task = asking[scopes] { return try await task.value }
        let task = Task { try await ask(challenge, scopes) }
        asking[scopes] = task
        defer { asking[scopes] = nil }
        return try await task.value
    }

    private func ask(_ challenge: Challenge, _ scopes: [AccessScope]) async throws -> Token {
        guard let realm = challenge.parameters["realm"].flatMap({ URL(string: $0) }), let origin = Origin(realm) else {
            throw RegistryError.answerInvalid(endpoint.host, "the address of its token server cannot be read")
        }
        guard endpoint.allows(origin) else {
            throw RegistryError(
                .redirectRefused, "\(endpoint.host) sends to a token server in plain HTTP: \(origin)",
                remedy: "look whether that is the registry's doing")
        }
        let isTrusted = RealmPolicy.mayReceiveCredentials(origin, of: endpoint)
        let credential = try await credentials.credential(for: isTrusted ? endpoint.host : RealmPolicy.host(origin))
        if isTrusted, case .registryToken(let token) = credential { return Token(header: try header(token), goodUntil: .now + .seconds(3_600)) }
        let request = try Self.request(realm, challenge.parameters["service"], scopes, credential)
        let answer = try await transport.limits.retries.run { try await self.ask(request, origin, hadCredentials: credential != nil) }
        guard let token = [answer.token, answer.access_token].compactMap({ $0 }).first(where: { !$0.isEmpty }) else {
            throw RegistryError.answerInvalid("\(origin)", "its answer has no token")
        }
        // Source: the same, "expires_in": 60 where nothing is said. What has but a moment left is not sent any more.
        let seconds = min(max(answer.expires_in ?? 60, 60), 86_400)
        return Token(header: try header(token), goodUntil: .now + .seconds(seconds - 10))
    }

    private func ask(_ request: Exchange, _ origin: Origin, hadCredentials: Bool) async throws -> Answer {
        let response = try await transport.execute(request)
        guard response.status == 200 else {
            let refusal = await transport.refusal(response, origin.host, "a token")
            guard [400, 401, 403].contains(response.status) else { throw refusal }
            let who = origin == endpoint.origin ? "" : ": its token server \(origin) gives no token"
            let hint = RealmPolicy.mayReceiveCredentials(origin, of: endpoint) ? "" : " (another host: only credentials of its own were offered)"
            throw unauthorized(hadCredentials, who + hint)
        }
        let bytes = try await transport.body(response, limit: transport.limits.token, "a token of \(origin)")
        do { return try JSONDecoder().decode(Answer.self, from: Data(bytes)) } catch {
            throw RegistryError.answerInvalid("\(origin)", "its token cannot be read")
        }
    }

    /// A token goes into a header as it is.
    private func header(_ token: String) throws -> String {
        guard token.utf8.count <= 64 << 10, token.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw RegistryError.answerInvalid(endpoint.host, "its token cannot stand in a header")
        }
        return "Bearer \(token)"
    }

    private static func request(_ realm: URL, _ service: String?, _ scopes: [AccessScope], _ credential: Credential?) throws -> Exchange {
        var fields = service.map { [("service", $0)] } ?? []
        fields += scopes.map { ("scope", $0.description) }
        if case .identityToken(let token) = credential {
            let joined = scopes.map(\.description).joined(separator: " ")
            fields =
                [("grant_type", "refresh_token"), ("client_id", "ingot"), ("scope", joined), ("refresh_token", token)]
                + fields.prefix(1).filter { $0.0 == "service" }
            return Exchange(.POST, realm, body: .bytes(Array(form(fields).utf8), type: "application/x-www-form-urlencoded"))
        }
        var request = Exchange(.GET, try URLQuery.adding(fields, to: realm))
        if let basic = credential?.basic { request.headers.add(name: "authorization", value: basic) }
        return request
    }

    private static func form(_ fields: [(String, String)]) -> String { fields.map { "\($0)=\(URLQuery.encoded($1))" }.joined(separator: "&") }
}

/// Adding to the query of an address that somebody else wrote.
enum URLQuery {
    /// Everything but what RFC 3986 calls unreserved is encoded.
    static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain = (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || "-._~".utf8.contains(byte)
            let digits = String(byte, radix: 16, uppercase: true)
            return isPlain ? String(UnicodeScalar(byte)) : "%" + (digits.count == 1 ? "0" : "") + digits
        }.joined()
    }

    static func adding(_ fields: [(String, String)], to url: URL) throws -> URL {
        guard !fields.isEmpty else { return url }
        var text = url.absoluteString
        if let fragment = text.firstIndex(of: "#") { text = String(text[..<fragment]) }
        let added = fields.map { "\($0)=\(encoded($1))" }.joined(separator: "&")
        text += (text.contains("?") ? (text.hasSuffix("?") || text.hasSuffix("&") ? "" : "&") : "?") + added
        guard let result = URL(string: text) else { throw RegistryError.answerInvalid(url.host() ?? "the registry", "an address cannot be read") }
        return result
    }
}
