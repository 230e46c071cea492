internal import FoundationEssentials
internal import IngotModel
internal import NIOHTTP1

/// One registry: its address, what it was told of us, and what it is asked.
final class RegistryConnection: Sendable {
    let endpoint: Endpoint
    let transport: Transport
    private let authenticator: Authenticator

    init(_ endpoint: Endpoint, _ transport: Transport, _ credentials: CredentialStore) {
        self.endpoint = endpoint
        self.transport = transport
        authenticator = Authenticator(endpoint, transport, credentials)
    }

    var limits: RegistryLimits { transport.limits }

    struct Answer {
        var response: Response
        /// Where it came from, after redirects.
        var url: URL
        var status: Int { response.status }
        func header(_ name: String) -> String? { response.header(name) }
    }

    /// `repository/rest` below the registry's API.
    func url(_ repository: String, _ rest: String, query: [(String, String)] = []) throws -> URL {
        // Both are of a grammar that needs no encoding.
        guard let url = URL(string: endpoint.base.absoluteString + repository + "/" + rest) else {
            throw RegistryError(.referenceInvalid, "'\(printable(repository))' is no repository", fault: .user)
        }
        return try URLQuery.adding(query, to: url)
    }

    /// An address that the registry named, from where it named it.
    func url(_ location: String?, from base: URL) throws -> URL {
        guard let location, let url = URL(string: location, relativeTo: base)?.absoluteURL, let origin = Origin(url) else {
            throw RegistryError.answerInvalid(endpoint.host, "it names an address that cannot be read")
        }
        guard endpoint.allows(origin) else {
            throw RegistryError(
                .redirectRefused, "\(endpoint.host) sends to \(origin), which is not encrypted",
                remedy: "look whether that is the registry's doing; --insecure-registry permits plain HTTP for a host")
        }
        return url
    }

    /// Sends one request, proves who we are when that is asked, and follows redirects of what only reads. Credentials go to the
    /// registry's own origin and nowhere else.
    ///
    /// - Returns: the answer, whatever its status.
    func send(_ exchange: Exchange, scopes: [AccessScope]) async throws -> Answer {
        var exchange = exchange
        var redirects = 0
        var hasAnswered = false
        while true {
            guard let origin = Origin(exchange.url), endpoint.allows(origin) else {
                throw RegistryError(.redirectRefused, "\(endpoint.host) is not asked at \(exchange.url.host() ?? "an address without a host")")
            }
            let isOwn = origin == endpoint.origin
            let header = isOwn ? await authenticator.header(for: scopes) : nil
            var sent = exchange
            if let header { sent.headers.replaceOrAdd(name: "authorization", value: header) }
            let response = try await transport.execute(sent)
            switch response.status {
            case 401 where isOwn && !hasAnswered:
                hasAnswered = true
                let challenges = response.headers["www-authenticate"].prefix(Challenge.mostChallenges).flatMap(Challenge.parse)
                await transport.drain(response)
                try await authenticator.answer(challenges, for: scopes, refused: header)
            case 301, 302, 303, 307, 308:
                guard exchange.method == .GET || exchange.method == .HEAD else { return Answer(response: response, url: exchange.url) }
                redirects += 1
                guard redirects <= limits.redirects else {
                    throw RegistryError(.redirectRefused, "\(endpoint.host) sends on more than \(limits.redirects) times")
                }
                let next = try url(response.header("location"), from: exchange.url)
                await transport.drain(response)
                exchange.url = next
            default:
                return Answer(response: response, url: exchange.url)
            }
        }
    }

    /// The error that an answer is.
    func refusal(_ answer: Answer, _ what: String) async -> RegistryError {
        await transport.refusal(answer.response, endpoint.host, what)
    }
}
