/// Why one bundle counts for nothing.
public struct BundleRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Reason: String, Hashable, Sendable, Codable {
        /// It cannot be read, or is larger than what is read.
        case malformed
        /// Signed with a certificate, which Ingot cannot check.
        case keyless
        /// None of the trusted keys has signed what stands there.
        case untrusted
        /// It carries something else than a statement.
        case payloadType = "payload-type"
        case otherPredicate = "other-predicate"
        case otherSubject = "other-subject"
        /// What it states speaks against the image, or for nothing now.
        case unfavourable
    }
    public var reason: Reason
    public var message: String

    init(_ reason: Reason, _ message: String) {
        self.reason = reason
        self.message = message
    }

    static let untrusted = BundleRefusal(.untrusted, "no trusted key has signed it")

    /// Those of the keys that have signed; a refusal when none has.
    static func signers(_ keys: [VerificationKey], _ hasSigned: (VerificationKey) -> Bool) throws(BundleRefusal) -> Set<VerificationKey.ID> {
        let signers = Set(keys.filter(hasSigned).map(\.id))
        guard !signers.isEmpty else { throw untrusted }
        return signers
    }

    public var description: String { message }
}
