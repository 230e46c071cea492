/// What an environment asks of a digest beside the gates that ask everywhere, and when it takes none.
public struct PromotionRules: Hashable, Sendable, Codable {
    /// Holds where `requiresApproval` does, and for those who let a freeze be overridden.
    public var approval: ApprovalRule
    public var maximumAges: EvidenceAges
    public var signatures: [SignatureRule]
    public var freezes: [FreezeWindow]

    public init(
        approval: ApprovalRule = ApprovalRule(), maximumAges: EvidenceAges = EvidenceAges(), signatures: [SignatureRule] = [],
        freezes: [FreezeWindow] = []
    ) {
        self.approval = approval
        self.maximumAges = maximumAges
        self.signatures = signatures
        self.freezes = freezes
    }
}

/// Who must agree, and for how long that counts. The defaults are those of `Manifest`'s table.
public struct ApprovalRule: Hashable, Sendable, Codable {
    /// How many different people must agree, none of them an author of the image.
    public var approvers: Int
    /// How long an approval counts from when it was given.
    public var valid: Milliseconds
    /// Whose signed approvals count, too.
    public var keys: [TrustedKey]

    public init(approvers: Int = 1, valid: Milliseconds = .minutes(1_440), keys: [TrustedKey] = []) {
        self.approvers = approvers
        self.valid = valid
        self.keys = keys
    }
}

/// How old evidence may be when it is relied on; `nil` for any age.
public struct EvidenceAges: Hashable, Sendable, Codable {
    /// Since a test ended.
    public var tests: Milliseconds?
    /// Since the gates that read the image looked at it.
    public var scan: Milliseconds?
    /// Since a rollout of it last succeeded in the environment before.
    public var rollout: Milliseconds?

    public init(tests: Milliseconds? = nil, scan: Milliseconds? = nil, rollout: Milliseconds? = nil) {
        self.tests = tests
        self.scan = scan
        self.rollout = rollout
    }
}

/// What must be signed, and by whose keys.
public struct SignatureRule: Hashable, Sendable, Codable {
    /// As on the command line: `signature`, `slsaprovenance1`, `test`, or the URI of a predicate type. Each must be there.
    public var types: [String]
    public var keys: [TrustedKey]
    /// How many different ones of the keys must have signed the same.
    public var required: Int

    public init(types: [String], keys: [TrustedKey], required: Int = 1) {
        self.types = types
        self.keys = keys
        self.required = required
    }
}

/// A public key, taken whole into the description, so that what is trusted does not change with a file.
public struct TrustedKey: Hashable, Sendable, Codable {
    /// As `ingot.yaml` has it.
    public var name: String
    /// SubjectPublicKeyInfo in PEM. What is none is trusted in nothing.
    public var pem: String

    public init(name: String, pem: String) {
        self.name = name
        self.pem = pem
    }
}

/// That a type of document must be signed before an instance starts: what a release was promoted with.
public struct SignatureDemand: Hashable, Sendable, Codable {
    /// As `SignatureRule.types` has it.
    public var type: String
    public var required: Int

    public init(type: String, required: Int) {
        self.type = type
        self.required = required
    }
}
