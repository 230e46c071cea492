internal import Foundation

/// What OpenBao and Vault answer. The same for both.
///
/// Source: OpenBao, API: "KV secrets engine version 2, read secret version", "AppRole, login", and "HTTP status codes".
enum VaultAnswer {
    private struct Secret: Decodable {
        struct Version: Decodable {
            var data: [String: SecretDocument.Field]?
        }
        var data: Version?
    }

    /// The fields of the newest version.
    static func document(_ answer: SourceRequest.Answer, _ what: String, source: String) throws(SecretError) -> SecretDocument {
        guard answer.status == 200 else { throw refusal(answer, what, source: source) }
        let secret: Secret
        do { secret = try JSONDecoder().decode(Secret.self, from: Data(answer.body)) } catch {
            throw SecretError(.malformed, "\(source) gave an answer about \(what) that is not its format", remedy: Self.engineRemedy)
        }
        guard let fields = secret.data?.data else {
            throw SecretError(.malformed, "\(what) is not in a key-value engine of version 2", remedy: Self.engineRemedy)
        }
        return SecretDocument(what: what, whole: nil, fields: fields)
    }

    private static let engineRemedy = "see that its mount is a key-value engine of version 2: 'bao secrets list -detailed'"

    private struct Login: Decodable {
        struct Authentication: Decodable {
            var client_token: String
            var lease_duration: Int
        }
        var auth: Authentication?
    }

    /// A token, and how many seconds it is good for; 0 for one that does not end.
    static func login(_ answer: SourceRequest.Answer, source: String) throws(SecretError) -> (token: SecretValue, seconds: Int) {
        guard answer.status == 200 else {
            // A role that is unknown, and a secret that is used up, are answered with 400.
            guard answer.status != 400 else { throw denied("the login by AppRole", source) }
            throw refusal(answer, "the login by AppRole", source: source)
        }
        guard let login = (try? JSONDecoder().decode(Login.self, from: Data(answer.body)))?.auth, isToken(login.client_token),
            login.lease_duration >= 0
        else { throw SecretError(.malformed, "\(source) gave an answer to the login that is not its format") }
        return (SecretValue(login.client_token), login.lease_duration)
    }

    /// It becomes a header.
    static func isToken(_ text: String) -> Bool {
        (1...8_192).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }

    private struct Problem: Decodable {
        var errors: [String]?
    }

    /// What a status means. The answer's own words are only searched for known ones, never passed on.
    private static func refusal(_ answer: SourceRequest.Answer, _ what: String, source: String) -> SecretError {
        switch answer.status {
        case 403: return denied(what, source)
        case 404:
            return SecretError(.missing, "\(source) has no \(what), or it was deleted", remedy: "put it there, or mend the path in ingot.yaml")
        case 429: return SecretError(.overloaded, "\(source) is asked too much", remedy: "raise its limit, or 'secrets-refresh' in ingot.yaml")
        case 472, 473: return SecretError(.down, "\(source) is a standby and does not answer", remedy: "name the active one in secret-sources.yaml")
        case 501: return SecretError(.sealed, "\(source) is not initialized", remedy: "initialize and unseal it")
        case 503:
            let problem = try? JSONDecoder().decode(Problem.self, from: Data(answer.body))
            guard problem?.errors?.contains(where: { $0.lowercased().contains("sealed") }) == true else {
                return SecretError(.down, "\(source) is down for maintenance", remedy: "see how it is")
            }
            return SecretError(.sealed, "\(source) is sealed", remedy: "unseal it: 'bao operator unseal'")
        case 300..<400:
            return SecretError(
                .malformed, "\(source) sends elsewhere, where no credentials are sent", remedy: "name that address in secret-sources.yaml")
        case 500...: return SecretError(.down, "\(source) answers with status \(answer.status)", remedy: "see its log")
        default: return SecretError(.malformed, "\(source) refuses the question about \(what) with status \(answer.status)", remedy: engineRemedy)
        }
    }

    private static func denied(_ what: String, _ source: String) -> SecretError {
        SecretError(
            .denied, "\(source) does not let the daemon have \(what): permission denied",
            remedy: "see that its token has not ended, and that its policy has 'read' for the path")
    }
}
