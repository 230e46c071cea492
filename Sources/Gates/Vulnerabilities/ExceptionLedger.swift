internal import IngotModel

/// The exceptions of a policy, and which of them were of use.
struct ExceptionLedger {
    private let exceptions: [VulnerabilityPolicy.Exception]
    private let now: Timestamp
    private var met: Set<VulnerabilityPolicy.Exception> = []

    init(_ exceptions: [VulnerabilityPolicy.Exception], at now: Timestamp) {
        self.exceptions = exceptions
        self.now = now
    }

    /// The first one for any of the names, in any of the packages, that has not ended.
    mutating func active(for names: [String], in packages: [String]) -> VulnerabilityPolicy.Exception? {
        guard !exceptions.isEmpty else { return nil }
        let wanted = exceptions.filter { exception in
            names.contains(exception.id) && exception.package.map(packages.contains) ?? true
        }
        met.formUnion(wanted)
        return wanted.first { !$0.until.isOver(at: now) }
    }

    /// The finding with what the policy says about it.
    mutating func decided(_ finding: VulnerabilityFinding, _ policy: VulnerabilityPolicy) -> VulnerabilityFinding {
        guard finding.decision.outcome == .fails || !exceptions.isEmpty else { return finding }
        var finding = finding
        let exception = active(for: finding.ids, in: [finding.name] + finding.packages)
        guard finding.decision.outcome == .fails else { return finding }
        if !finding.severity.reaches(policy.failAt) {
            finding.decision.outcome = .belowThreshold
        } else if finding.fixedVersion == nil, policy.unfixed == .ignore {
            finding.decision.outcome = .unfixed
        } else if let exception {
            finding.decision = .init(outcome: .excepted, until: exception.until, reason: exception.reason)
        }
        return finding
    }

    /// Those that have ended, and those for what the image does not have.
    var idle: [VulnerabilityReport.IdleException] {
        exceptions.compactMap { exception in
            if exception.until.isOver(at: now) {
                return .init(id: exception.id, message: "the exception for \(exception.title) ended on \(exception.until): it counts as none")
            }
            guard !met.contains(exception) else { return nil }
            return .init(id: exception.id, message: "the exception for \(exception.title) is for nothing in this image: take it out")
        }
    }
}
