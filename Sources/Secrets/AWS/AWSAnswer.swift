internal import Foundation

/// What AWS Secrets Manager answers.
///
/// Source: AWS Secrets Manager, API reference, GetSecretValue and "Common Errors".
enum AWSAnswer {
    private struct Secret: Decodable {
        var SecretString: String?
        var SecretBinary: String?
    }

    private struct Problem: Decodable {
        var __type: String
    }

    /// - Parameter credentials: which the request was signed with, for messages.
    static func document(
        _ answer: SourceRequest.Answer, _ what: String, source: String, credentials: String
    ) throws(SecretError) -> SecretDocument {
        guard answer.status == 200 else { throw refusal(answer, what, source: source, credentials: credentials) }
        guard let secret = try? JSONDecoder().decode(Secret.self, from: Data(answer.body)) else {
            throw SecretError(.malformed, "\(source) gave an answer about \(what) that is not its format")
        }
        if let text = secret.SecretString { return SecretDocument(what: what, whole: SecretValue(text), fields: nil) }
        guard let binary = secret.SecretBinary.flatMap(Base64.decode) else {
            throw SecretError(.malformed, "\(source) gave an answer about \(what) that is not its format")
        }
        return SecretDocument(what: what, whole: SecretValue(binary), fields: nil)
    }

    private static func refusal(_ answer: SourceRequest.Answer, _ what: String, source: String, credentials: String) -> SecretError {
        let problem = try? JSONDecoder().decode(Problem.self, from: Data(answer.body))
        // Some answers write the type with its namespace: com.amazonaws.secretsmanager#ResourceNotFoundException.
        switch problem?.__type.split(separator: "#").last.map(String.init) ?? "" {
        case "ResourceNotFoundException":
            return SecretError(.missing, "\(source) has no \(what), or no such version of it", remedy: "put it there, or mend 'aws' in ingot.yaml")
        case "InvalidRequestException":
            return SecretError(
                .missing, "\(source) does not give out \(what): it is to be deleted", remedy: "restore it, or mend 'aws' in ingot.yaml")
        case "AccessDeniedException", "AccessDenied", "DecryptionFailure":
            return SecretError(
                .denied, "\(source) does not let the daemon have \(what) by \(credentials)",
                remedy: "allow secretsmanager:GetSecretValue, and kms:Decrypt of its key")
        case "UnrecognizedClientException", "InvalidClientTokenId", "InvalidSignatureException", "SignatureDoesNotMatch", "IncompleteSignature",
            "MissingAuthenticationToken", "ExpiredTokenException", "ExpiredToken", "RequestExpired":
            return SecretError(
                .denied, "\(source) does not know \(credentials), or they have ended",
                remedy: "renew them; see that this machine's clock is right")
        case "ThrottlingException", "Throttling", "TooManyRequestsException", "RequestLimitExceeded":
            return SecretError(.overloaded, "\(source) is asked too much", remedy: "raise 'secrets-refresh' in ingot.yaml")
        default: break
        }
        guard answer.status < 500 else {
            return SecretError(.down, "\(source) answers with status \(answer.status)", remedy: "see AWS's health page for the region")
        }
        return SecretError(.malformed, "\(source) refuses the question about \(what) with status \(answer.status)", remedy: "see 'aws' in ingot.yaml")
    }
}
