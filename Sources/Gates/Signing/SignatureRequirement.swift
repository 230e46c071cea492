/// What must be signed of an image, and by whom.
public struct SignatureRequirement: Hashable, Sendable {
    /// Exactly this one.
    public var predicateType: String
    public var trusted: [VerificationKey]
    /// How many different ones of the trusted keys must say the same.
    public var keys: Int

    public init(predicateType: String, trusted: [VerificationKey], keys: Int = 1) {
        self.predicateType = predicateType
        self.trusted = trusted
        self.keys = keys
    }
}
