public import IngotModel

extension AssessmentFacts {
    /// Adds how one of Ingot's own tests went; which one it was is told by what it recorded. Of several of a kind the worse counts: one that
    /// passed does not take back what another has shown.
    ///
    /// - Parameter words: how it ended, in a few words.
    public mutating func add(_ details: TestDetails, passed: Bool, words: String, at: Timestamp?) {
        let finding = Finding(isGood: passed, words: words, at: at)
        if details.stop != nil { gracefulStop = Self.worse(gracefulStop, finding) }
        if details.readiness != nil { readiness = Self.worse(readiness, finding) }
        guard let writes = details.writes else { return }
        statelessness = Self.worse(statelessness, finding)
        // What was not kept may have been a log.
        let logs = writes.paths.filter(\.isLog).map(\.path) + (writes.omittedPaths > 0 ? ["more files than are known"] : [])
        logFiles = (logFiles ?? []) + logs
    }

    private static func worse(_ known: Finding?, _ new: Finding) -> Finding {
        guard let known, !known.isGood else { return new }
        return known
    }
}
