public import ImageStore

/// How much of what others signed is read. What exceeds it is refused as a whole.
public struct AttestationLimits: Hashable, Sendable {
    /// One bundle, or one statement.
    public var documentBytes: Int
    /// Objects and arrays within one another.
    public var depth: Int
    public var subjects: Int
    /// In one envelope. Each costs a verification for each trusted key.
    public var signatures: Int
    /// Of one image. More are refused, since which of them are left out would decide.
    public var bundles: Int
    /// Of one image, all of them together.
    public var bundleBytes: Int
    public var trustedKeys: Int

    public init(
        documentBytes: Int = SignedLimit.documentBytes, depth: Int = 64, subjects: Int = 1_000, signatures: Int = 8,
        bundles: Int = SignedLimit.documents, bundleBytes: Int = SignedLimit.bytes, trustedKeys: Int = 64
    ) {
        self.documentBytes = documentBytes
        self.depth = depth
        self.subjects = subjects
        self.signatures = signatures
        self.bundles = bundles
        self.bundleBytes = bundleBytes
        self.trustedKeys = trustedKeys
    }

    public static let standard = AttestationLimits()
}
