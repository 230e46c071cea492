public import IngotModel

/// What a promotion rests on beside the image: who asks, when, what people and keys have said of it, and whether it is a time for something new.
public struct PromotionSituation: Sendable {
    public var now: Timestamp
    /// `nil` while nobody asks for it yet.
    public var asker: String?
    /// Who has had a hand in the image for this service: whoever recorded a test of it, or had it promoted.
    public var authors: Set<String>
    /// Every decision about this image in this environment, in the order in which they were made.
    public var approvals: [Approval]
    /// What keys have said of the image that the environment trusts; `nil` where it was not asked for.
    public var signed: SignedEvidence?
    /// Why what is signed could not be read; then nothing is.
    public var unreadable: String?
    public var freeze: FreezeInForce?
    /// The asker's reason to deploy in spite of it.
    public var override: String?

    public init(
        now: Timestamp, asker: String? = nil, authors: Set<String> = [], approvals: [Approval] = [], signed: SignedEvidence? = nil,
        unreadable: String? = nil, freeze: FreezeInForce? = nil, override: String? = nil
    ) {
        self.now = now
        self.asker = asker
        self.authors = authors
        self.approvals = approvals
        self.signed = signed
        self.unreadable = unreadable
        self.freeze = freeze
        self.override = override
    }
}
