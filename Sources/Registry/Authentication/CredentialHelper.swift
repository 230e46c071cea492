internal import FoundationEssentials
internal import IngotModel
internal import Subprocess
internal import SystemPackage

/// A program that knows credentials: `docker-credential-NAME`.
///
/// Source: docker-credential-helpers, "Development": `get`, the server on standard input, JSON on standard output.
enum CredentialHelper {
    static let largestAnswer = 64 << 10
    static let patience = Duration.seconds(30)
    /// What a helper says, with an exit code of 1, when it knows nothing. Source: the same, `credentials/error.go`.
    private static let nothing = "credentials not found in native keychain"
    /// The name of a user that is none: the secret is an identity token.
    private static let tokenUser = "<token>"

    private struct Answer: Decodable {
        var username: String
        var secret: String
        enum CodingKeys: String, CodingKey {
            case username = "Username"
            case secret = "Secret"
        }
    }

    /// - Returns: `nil` when the helper knows no credentials of the server.
    /// - Throws: `RegistryError` `credentials-invalid`.
    static func get(_ server: String, by name: String) async throws -> Credential? {
        let program = "docker-credential-\(name)"
        do {
            return try await within(patience, "the credential helper \(program)") {
                let ended = try await Subprocess.run(
                    .name(program), arguments: ["get"], input: .string(server), output: .string(limit: largestAnswer),
                    error: .string(limit: largestAnswer))
                return try read(ended.standardOutput, isSuccess: ended.terminationStatus.isSuccess, program: program)
            }
        } catch let error as RegistryError {
            throw error
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw failed(program, "it could not be run", error)
        }
    }

    /// What a helper printed.
    static func read(_ output: String, isSuccess: Bool, program: String) throws(RegistryError) -> Credential? {
        guard isSuccess else {
            if output.contains(nothing) { return nil }
            throw failed(program, "it says: \(printable(output, most: 200))")
        }
        guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(output.utf8)) else { throw failed(program, "its answer cannot be read") }
        guard !answer.secret.isEmpty else { return nil }
        return answer.username == tokenUser ? .identityToken(answer.secret) : .password(user: answer.username, answer.secret)
    }

    private static func failed(_ program: String, _ why: String, _ cause: (any Error)? = nil) -> RegistryError {
        RegistryError(
            .credentialsInvalid, "\(program) gives no credentials: \(why)",
            remedy: "install it, or take it out of Docker's config.json and log in again", fault: .user, cause: cause)
    }
}
