internal import Foundation
internal import IngotModel

/// What a container's agent and the metadata of an instance answer.
///
/// Source: Amazon EC2 User Guide, "Use the Instance Metadata Service to access instance metadata" and "Retrieve security credentials from instance
/// metadata"; AWS SDKs and Tools Reference Guide, "Container credential provider".
enum AWSMetadataAnswer {
    /// A session's token.
    static func token(_ answer: SourceRequest.Answer, source: String) throws(SecretError) -> String {
        guard answer.status == 200 else { throw refusal(answer, source) }
        guard let token = String(validating: answer.body, as: UTF8.self), AWSCredentials.isWord(token) else { throw malformed(source) }
        return token
    }

    /// The name of the instance's role.
    ///
    /// Source of the form: IAM API reference, CreateRole.
    static func role(_ answer: SourceRequest.Answer, source: String) throws(SecretError) -> String {
        guard answer.status == 200 else { throw refusal(answer, source) }
        guard let role = SecretValue(answer.body).line(), (1...64).contains(role.utf8.count),
            role.utf8.allSatisfy({ byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
                default: "_+=,.@-".utf8.contains(byte)
                }
            })
        else { throw malformed(source) }
        return role
    }

    private struct Role: Decodable {
        var Code: String?
        var AccessKeyId: String?
        var SecretAccessKey: String?
        var Token: String?
        var Expiration: String?
    }

    /// The credentials, and when they end.
    static func credentials(
        _ answer: SourceRequest.Answer, source: String, at now: Timestamp
    ) throws(SecretError) -> (credentials: AWSCredentials, expiration: Timestamp?) {
        guard answer.status == 200 else { throw refusal(answer, source) }
        guard let role = try? JSONDecoder().decode(Role.self, from: Data(answer.body)) else { throw malformed(source) }
        guard role.Code == nil || role.Code == "Success" else {
            throw SecretError(.denied, "\(source) can't take on the role", remedy: "see that the role exists and trusts the machine's service")
        }
        guard let credentials = AWSCredentials(accessKey: role.AccessKeyId, secretKey: role.SecretAccessKey, sessionToken: role.Token),
            role.SecretAccessKey.map(AWSCredentials.isWord) == true
        else { throw malformed(source) }
        guard let text = role.Expiration else { return (credentials, nil) }
        guard let expiration = Timestamp(text: text) else { throw malformed(source) }
        guard expiration > now else {
            throw SecretError(.down, "\(source) gives credentials that have ended", remedy: "see that this machine's clock is right")
        }
        return (credentials, expiration)
    }

    private static func malformed(_ source: String) -> SecretError {
        SecretError(.malformed, "\(source) gave an answer that is not its format", remedy: "see what answers there")
    }

    /// What a status means. The answer's own words are not passed on.
    private static func refusal(_ answer: SourceRequest.Answer, _ source: String) -> SecretError {
        switch answer.status {
        case 401, 403:
            return SecretError(
                .denied, "\(source) does not let the daemon ask, with status \(answer.status)",
                remedy: "see that metadata are turned on, or the container's authorization token")
        case 404: return SecretError(.notSetUp, "\(source) has no role to give", remedy: "give the machine a role")
        case 429: return SecretError(.overloaded, "\(source) is asked too much", remedy: "see who asks it")
        case 300..<400: return SecretError(.malformed, "\(source) sends elsewhere, which is not followed", remedy: "name that address")
        case 500...: return SecretError(.down, "\(source) answers with status \(answer.status)", remedy: "see how it is")
        default: return SecretError(.malformed, "\(source) refuses with status \(answer.status)", remedy: "see what answers there")
        }
    }
}
