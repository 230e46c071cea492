import Synchronization

/// What one set of advisories says of packages in one version: found out once for all images that have them.
final class StatementMemory: Sendable {
    struct Statement: Sendable {
        var advisory: Advisory
        var verdict: Advisory.Verdict
    }

    /// With a few statements each, some hundred megabytes at most.
    private static let keptSubjects = 50_000
    private let known = Mutex<[JudgedSubject.Key: [Statement]]>([:])

    /// Without what says that the subject is not affected.
    ///
    /// - Throws: what the set throws.
    func statements(of advisories: some AdvisorySet, about subject: JudgedSubject) throws -> [Statement] {
        let key = subject.key
        if let statements = known.withLock({ $0[key] }) { return statements }
        let version = subject.scope.order.version(subject.version)
        let statements = try advisories.advisories(subject.scope, subject.name)
            .map { Statement(advisory: $0, verdict: $0.verdict(on: version)) }
            .filter { $0.verdict != .notAffected }
        known.withLock { known in
            if known.count >= Self.keptSubjects { known.removeAll() }
            known[key] = statements
        }
        return statements
    }
}
