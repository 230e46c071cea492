public import IngotModel

/// All that is signed about one image, each document checked once, for as many requirements as there are.
public struct SignedEvidence: Hashable, Sendable {
    public let image: Digest
    public let proven: [ProvenStatement]
    /// Why the other documents count for nothing, in the order in which they were given.
    public let refused: [BundleRefusal]
    /// Why nothing was looked at.
    let obstacle: String?

    /// - Parameter keys: every key that any requirement trusts.
    public init(_ documents: [SignedDocument], about image: Digest, keys: [VerificationKey], limits: AttestationLimits = .standard) {
        self.image = image
        obstacle = Self.obstacle(documents.count, keys.count, limits)
        var proven: [ProvenStatement] = []
        var refused: [BundleRefusal] = []
        for document in obstacle == nil ? documents : [] {
            do throws(BundleRefusal) { proven.append(try document.verify(subject: image, keys: keys, limits: limits)) } catch {
                refused.append(error)
            }
        }
        self.proven = proven
        self.refused = refused
    }

    init(image: Digest, proven: [ProvenStatement], refused: [BundleRefusal], obstacle: String?) {
        self.image = image
        self.proven = proven
        self.refused = refused
        self.obstacle = obstacle
    }

    private static func obstacle(_ documents: Int, _ keys: Int, _ limits: AttestationLimits) -> String? {
        if keys == 0 { return "no key is trusted" }
        if keys > limits.trustedKeys { return "\(keys) keys are trusted, and at most \(limits.trustedKeys) are tried" }
        return documents > limits.bundles ? "\(documents) documents about it are signed, and at most \(limits.bundles) are read" : nil
    }
}
