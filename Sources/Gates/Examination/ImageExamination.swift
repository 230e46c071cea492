public import IngotModel

/// Everything that the gates which read an image found in it, and what each of them says.
public struct ImageExamination: Hashable, Sendable, Codable {
    public var image: Digest
    public var examinedAt: Timestamp
    public var size: ByteSize
    public var secrets: SecretReport
    /// `nil` when the policy does not ask for it.
    public var vulnerabilities: VulnerabilityReport?
    /// Of the gates that the policy asks, in their order.
    public var verdicts: [GateVerdict]

    /// Pure: from what was found to what the gates say of it.
    ///
    /// - Parameter secrets: as the search has it, before exceptions.
    public init(
        image: Digest, size: ByteSize, secrets: SecretReport, vulnerabilities: VulnerabilityReport?, policy: GatePolicy, at now: Timestamp
    ) {
        self.image = image
        examinedAt = now
        self.size = size
        self.secrets = secrets.judged(by: policy.secretExceptions, at: now)
        self.vulnerabilities = policy.vulnerabilities == nil ? nil : vulnerabilities
        verdicts = []
        verdicts = policy.gates.compactMap { gate -> GateVerdict? in
            switch gate {
            case .size: policy.largestSize.map { Self.verdict(on: size, of: image, largest: $0, at: now) }
            case .secrets: self.secrets.verdict(at: now)
            case .vulnerabilities: vulnerabilities?.verdict
            }
        }
    }

    public var passes: Bool { verdicts.allSatisfy(\.passes) }

    private static func verdict(on size: ByteSize, of image: Digest, largest: ByteSize, at now: Timestamp) -> GateVerdict {
        let objection = GateVerdict.Objection(
            "it has \(size); gates.size.fail-at allows \(largest)",
            remedy: "see what it is made of with `ingot image show --layers \(image.short)`, or raise gates.size.fail-at in ingot.yaml")
        return GateVerdict(
            .size, of: image, at: now, objections: size > largest ? [objection] : [], summary: "\(size) of at most \(largest)",
            figures: ["bytes": size.bytes, "largest": largest.bytes])
    }
}

extension GateVerdict {
    /// As many objections as are kept, with a last one that says how many more there are.
    ///
    /// - Parameter total: how many there are, of which `objections` are the first.
    static func bounded(_ objections: [Objection], of total: Int, noun: String, in image: Digest) -> [Objection] {
        guard total > mostObjections else { return objections }
        let shown = objections.prefix(mostObjections - 1)
        return shown + [Objection("and \(total - shown.count) more \(noun)", remedy: "see all of it with `ingot scan \(image.short)`")]
    }
}
