public import IngotModel

/// Whether an image has what a requirement asks for, and if not, what is missing.
public struct SignatureVerdict: Hashable, Sendable {
    /// What counts: each has been said by as many keys as were asked for. Two need not say the same. Empty when the requirement is not met.
    public var proven: [ProvenStatement]
    public var signers: Set<VerificationKey.ID>
    /// Why the others count for nothing.
    public var refused: [BundleRefusal]
    /// What is missing; `nil` when nothing is.
    public var missing: String?

    public var isMet: Bool { missing == nil }
}

extension SignatureRequirement {
    /// Judges all that is signed about an image. What cannot be read, or is not about exactly this, counts for nothing.
    public func judge(_ documents: [SignedDocument], of image: Digest, limits: AttestationLimits = .standard) -> SignatureVerdict {
        judge(SignedEvidence(documents, about: image, keys: trusted, limits: limits))
    }

    public func judge(_ evidence: SignedEvidence) -> SignatureVerdict {
        if let obstacle = evidence.obstacle { return refusal(obstacle) }
        guard keys > 0, !trusted.isEmpty else { return refusal("no key is trusted") }
        let own = Set(trusted.map(\.id))
        var said: [[UInt8]: [ProvenStatement]] = [:]
        var refused = evidence.refused
        for var proven in evidence.proven {
            proven.signers.formIntersection(own)
            if proven.predicateType != predicateType {
                refused.append(BundleRefusal(.otherPredicate, "it is of type \(proven.predicateType), not \(predicateType)"))
            } else if proven.signers.isEmpty {
                refused.append(.untrusted)
            } else {
                // One key has nobody to agree with.
                said[keys > 1 ? proven.saying : [], default: []].append(proven)
            }
        }
        return verdict(said, refused, of: evidence.image)
    }

    private func verdict(_ said: [[UInt8]: [ProvenStatement]], _ refused: [BundleRefusal], of image: Digest) -> SignatureVerdict {
        func signers(_ proven: [ProvenStatement]) -> Set<VerificationKey.ID> { proven.reduce(into: []) { $0.formUnion($1.signers) } }
        let groups = said.values.map { (proven: $0, signers: signers($0)) }
        let enough = groups.filter { $0.signers.count >= keys }
        guard enough.isEmpty else {
            return SignatureVerdict(
                proven: enough.flatMap(\.proven), signers: enough.reduce(into: []) { $0.formUnion($1.signers) }, refused: refused, missing: nil)
        }
        let most = groups.map(\.signers.count).max() ?? 0
        let wanted = keys == 1 ? "no trusted key has" : "\(most) of \(keys) trusted keys have"
        return refusal("\(wanted) signed \(image.short) as \(predicateType)", refused)
    }

    private func refusal(_ missing: String, _ refused: [BundleRefusal] = []) -> SignatureVerdict {
        SignatureVerdict(proven: [], signers: [], refused: refused, missing: missing)
    }
}
