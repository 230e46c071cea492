public import IngotModel

extension AssessmentFacts {
    /// Adds how one of Ingot's own tests went; which one it was is told by what it recorded.
    ///
    /// - Parameter words: how it ended, in a few words.
    public mutating func add(_ details: TestDetails, passed: Bool, words: String, at: Timestamp?) {
        let finding = Finding(isGood: passed, words: words, at: at)
        if details.stop != nil { gracefulStop = finding }
        if details.readiness != nil { readiness = finding }
        guard let writes = details.writes else { return }
        statelessness = finding
        // What was not kept may have been a log.
        logFiles = writes.paths.filter(\.isLog).map(\.path) + (writes.omittedPaths > 0 ? ["more files than are known"] : [])
    }
}
