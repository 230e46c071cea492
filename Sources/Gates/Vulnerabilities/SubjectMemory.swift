import Synchronization

/// What one set of advisories says of packages in one version at one place: found out once for all images that have them.
final class SubjectMemory: Sendable {
    /// Before a policy has looked at it.
    struct Judgement: Sendable {
        /// Each is one that fails; in the order of their names.
        var findings: [VulnerabilityFinding]
        var unreadable: [(advisory: Advisory, text: String)]
    }

    /// With a few findings each, some hundred megabytes at most.
    private static let keptSubjects = 50_000
    private let known = Mutex<[JudgedSubject: Judgement]>([:])

    /// - Throws: what the set throws.
    func judgement(of advisories: some AdvisorySet, on subject: JudgedSubject) throws -> Judgement {
        if let judgement = known.withLock({ $0[subject] }) { return judgement }
        let judgement = try judge(subject, by: advisories)
        known.withLock { known in
            if known.count >= Self.keptSubjects { known.removeAll() }
            known[subject] = judgement
        }
        return judgement
    }

    private func judge(_ subject: JudgedSubject, by advisories: some AdvisorySet) throws -> Judgement {
        let version = subject.scope.order.version(subject.version)
        var matches = VulnerabilityMatches()
        var unreadable: [(Advisory, String)] = []
        for advisory in try advisories.advisories(subject.scope, subject.name) {
            switch advisory.verdict(on: version) {
            case .notAffected: break
            case .affected(let fix): matches.add(advisory, fixedBy: fix)
            case .unreadable(let text): unreadable.append((advisory, text))
            }
        }
        return Judgement(findings: matches.findings(of: subject).sorted { $0.id < $1.id }, unreadable: unreadable)
    }
}
