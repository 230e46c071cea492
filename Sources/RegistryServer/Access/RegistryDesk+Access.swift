internal import FoundationEssentials
internal import IngotModel
internal import NIOHTTP1

/// The challenge is always Bearer, with this registry itself as token server: only so does Docker pull without a login where anybody may pull and
/// push with one. The token that it gets there is the one that it came with: what that may is looked up with each request, so revoking holds at
/// once, and there is no second secret to sign, to keep and to lose. Basic is taken wherever it is sent.
///
/// Source: Docker Registry v2 authentication via central service; RFC 6750.
extension RegistryDesk {
    /// Who asks. Throws `UNAUTHORIZED` to those who should log in, and `DENIED` to those who have.
    func admit(_ operation: RegistryOperation, _ head: HTTPRequestHead) async throws -> Access {
        let need = operation.need
        let sent = head.headers["authorization"]
        let credential = sent.count > 1 ? PresentedCredential.other : PresentedCredential(sent.first)
        let access: Access
        switch credential {
        // Docker asks here whether it must log in at all, and never again.
        case .none where operation == .support: throw unauthorized(need, head, "log in, or get a token for nobody")
        case .none, .nobody: access = .nobody
        case .secret(let secret):
            let (tokens, now) = (tokens, now)
            guard let token = try await onDisk({ try tokens.token(of: secret, at: now()) }) else {
                throw unauthorized(need, head, "this token is not known here, or has ended")
            }
            access = .token(token)
        case .other: throw unauthorized(need, head, "what was sent is no token of this registry")
        }
        guard !access.allows(need, isOpen: isOpen) else { return access }
        guard case .token(let token) = access else { throw unauthorized(need, head, "log in with a token that may do this") }
        throw RegistryProblem(.forbidden, .denied, "the token '\(token.name)' is not for this: \(Self.words(need))")
    }

    /// `GET /v2/token`: gives back the token that it is asked with, or one that stands for nobody where anybody may pull.
    func token(for service: String?, _ request: Request) throws -> Answer {
        struct Document: Encodable {
            var token: String
            var access_token: String
            var expires_in: Int
        }
        if let service, service != Self.service {
            throw RegistryProblem(.badRequest, .denied, "this gives tokens for the service '\(Self.service)', not for '\(service.prefix(80))'")
        }
        var text = RegistrySecret.nobody
        if case .secret(let secret) = PresentedCredential(request.head.headers.first(name: "authorization")) {
            text = secret.text
        } else if !isOpen {
            throw RegistryProblem(
                .unauthorized, .unauthorized, "log in with a token: any user's name, and the token as password",
                headers: ["WWW-Authenticate": "Basic realm=\"\(Self.service)\""])
        }
        let document = try JSONEncoder().encode(Document(token: text, access_token: text, expires_in: 300))
        return Answer(.ok, [("cache-control", "no-store")], .bytes(Array(document), type: "application/json"))
    }

    private func unauthorized(_ need: AccessNeed, _ head: HTTPRequestHead, _ why: String) -> RegistryProblem {
        guard need != .nothing else {
            return RegistryProblem(.unauthorized, .unauthorized, why, headers: ["WWW-Authenticate": "Basic realm=\"\(Self.service)\""])
        }
        // The client's own word for this host goes back to that client only; one that is no host is not repeated.
        let host = AuthorityHost.read(head.headers.first(name: "host")) ?? "localhost"
        let address = publicAddress ?? "\(isEncrypted ? "https" : "http")://\(host)"
        var challenge = "Bearer realm=\"\(address)/v2/token\",service=\"\(Self.service)\""
        switch need {
        case .pull(let name): challenge += ",scope=\"repository:\(name):pull\""
        case .push(let name): challenge += ",scope=\"repository:\(name):pull,push\""
        case .presence, .nothing: break
        }
        return RegistryProblem(.unauthorized, .unauthorized, why, headers: ["WWW-Authenticate": challenge])
    }

    private static func words(_ need: AccessNeed) -> String {
        switch need {
        case .nothing, .presence: "coming in"
        case .pull(let name): "pulling from \(name)"
        case .push(let name): "pushing to \(name)"
        }
    }
}
