/// What a digest must pass besides its tests. The search for secrets has no switch: only exceptions, each with a reason and an end.
public struct GatePolicy: Hashable, Sendable, Codable {
    /// The largest size of the image, the sum of its layers as they are mounted; `nil` for no limit.
    public var largestSize: ByteSize?
    /// Which vulnerabilities it may have; `nil` when nobody has asked.
    public var vulnerabilities: VulnerabilityPolicy?
    public var secretExceptions: [SecretException]

    public init(largestSize: ByteSize? = nil, vulnerabilities: VulnerabilityPolicy? = nil, secretExceptions: [SecretException] = []) {
        self.largestSize = largestSize
        self.vulnerabilities = vulnerabilities
        self.secretExceptions = secretExceptions
    }

    /// What nobody looks at, in words.
    public var notices: [String] {
        guard vulnerabilities == nil else { return [] }
        return [
            "no vulnerability gate is set: nobody looks whether its images are vulnerable; "
                + "`gates: { vulnerabilities: {} }` in ingot.yaml sets one"
        ]
    }

    /// The gates that it asks, in the order in which they are shown.
    public var gates: [GateVerdict.Gate] {
        (largestSize == nil ? [] : [.size]) + [.secrets] + (vulnerabilities == nil ? [] : [.vulnerabilities])
    }
}

extension GatePolicy {
    /// Records of before images were searched for secrets have no exceptions.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            largestSize: try container.decodeIfPresent(ByteSize.self, forKey: .largestSize),
            vulnerabilities: try container.decodeIfPresent(VulnerabilityPolicy.self, forKey: .vulnerabilities),
            secretExceptions: try container.decodeIfPresent([SecretException].self, forKey: .secretExceptions) ?? [])
    }
}

/// Somebody has looked at a secret that was found, and answers for it until a day.
public struct SecretException: Hashable, Sendable, Codable {
    /// The rule's.
    public var id: String
    /// As the finding's place has it; a `*` at the end stands for everything that begins so.
    public var path: String
    public var reason: String
    /// The last day on which it holds.
    public var until: CalendarDate

    public init(id: String, path: String, reason: String, until: CalendarDate) {
        self.id = id
        self.path = path
        self.reason = reason
        self.until = until
    }

    public func covers(rule: String, at place: String) -> Bool {
        guard id == rule else { return false }
        return path.hasSuffix("*") ? place.hasPrefix(path.dropLast()) : path == place
    }
}
