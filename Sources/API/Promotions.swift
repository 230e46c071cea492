public import IngotModel

/// `POST …/promotions`: an image is to be let into an environment, without being deployed. The answer is a `PromotionAnswer`.
public struct PromotionRequest: Sendable, Codable, Equatable {
    /// A digest, a tag or a commit.
    public var reference: String
    /// The lock that it is asked under.
    public var token: FencingToken?
    /// Why, in spite of a freeze.
    public var overrideFreeze: String?
    public init(reference: String, token: FencingToken? = nil, overrideFreeze: String? = nil) {
        self.reference = reference
        self.token = token
        self.overrideFreeze = overrideFreeze
    }
}

/// That an image may run in an environment, and the tag that names it from now on.
public struct PromotionAnswer: Sendable, Codable, Equatable {
    public var environment: EnvironmentID
    public var image: Digest
    public var at: Timestamp
    public var tag: String
    public var gates: [GateStanding]
    public init(environment: EnvironmentID, image: Digest, at: Timestamp, tag: String, gates: [GateStanding]) {
        self.environment = environment
        self.image = image
        self.at = at
        self.tag = tag
        self.gates = gates
    }
}

/// `POST …/why`, with a `PromotionRequest`: how every gate stands to an image. Nothing is done.
public struct PromotionReport: Sendable, Codable, Equatable {
    public var environment: EnvironmentID
    public var image: Digest
    public var mayRun: Bool
    public var gates: [GateStanding]
    /// Whether it serves there already.
    public var serves: Bool
    public init(environment: EnvironmentID, image: Digest, gates: [GateStanding], serves: Bool) {
        self.environment = environment
        self.image = image
        self.gates = gates
        self.serves = serves
        mayRun = gates.allSatisfy(\.isOpen)
    }
}

/// `POST …/approvals`: what somebody decides about an image in an environment. The answer is an `ApprovalAnswer`; `GET …/approvals?image=` lists
/// what was decided about an image.
public struct ApprovalRequest: Sendable, Codable, Equatable {
    /// A digest, a tag or a commit. What is decided is about the digest that it means now.
    public var reference: String
    public var decision: Approval.Decision
    /// Why; a rejection needs one.
    public var reason: String?
    /// Whether it lets the image be deployed while the environment is frozen, too.
    public var overridesFreeze: Bool?
    public init(reference: String, decision: Approval.Decision, reason: String? = nil, overridesFreeze: Bool? = nil) {
        self.reference = reference
        self.decision = decision
        self.reason = reason
        self.overridesFreeze = overridesFreeze
    }
}

/// A decision, and what the gate of approvals says with it.
public struct ApprovalAnswer: Sendable, Codable, Equatable {
    public var approval: Approval
    /// `nil` where the environment asks for no approval, and nobody has rejected it.
    public var gate: GateStanding?
    public init(approval: Approval, gate: GateStanding?) {
        self.approval = approval
        self.gate = gate
    }
}

/// `PUT …/freeze`: nothing new is deployed until its end, or until `DELETE …/freeze`.
public struct FreezeRequest: Sendable, Codable, Equatable {
    public var reason: String
    /// When it ends by itself; `nil` for never.
    public var until: Timestamp?
    public init(reason: String, until: Timestamp? = nil) {
        self.reason = reason
        self.until = until
    }
}

/// Whether an environment takes something new: the answer to `GET`, `PUT` and `DELETE …/freeze`.
public struct FreezeStatus: Sendable, Codable, Equatable {
    public var environment: EnvironmentID
    /// `nil` when it does.
    public var inForce: FreezeInForce?
    /// What was taken away, where something was.
    public var lifted: PlacedFreeze?
    public init(environment: EnvironmentID, inForce: FreezeInForce?, lifted: PlacedFreeze? = nil) {
        self.environment = environment
        self.inForce = inForce
        self.lifted = lifted
    }
}

extension ResourcePath {
    public static func promotions(_ id: EnvironmentID) -> String { "\(environment(id))/promotions" }
    public static func why(_ id: EnvironmentID) -> String { "\(environment(id))/why" }
    public static func approvals(_ id: EnvironmentID) -> String { "\(environment(id))/approvals" }
    public static func freeze(_ id: EnvironmentID) -> String { "\(environment(id))/freeze" }
}
