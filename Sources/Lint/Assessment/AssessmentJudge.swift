import IngotModel

/// Answers the questions from facts. What is not known is no.
struct AssessmentJudge {
    typealias Answer = Assessment.Answer
    let facts: AssessmentFacts

    func answer(_ question: AssessmentQuestion) -> Answer {
        let verdict =
            switch question {
            case .stateless: stateless
            case .configurationOutside: configurationOutside
            case .logsSentAway: logsSentAway
            case .healthChecks: healthChecks
            case .gracefulStop: gracefulStop
            case .automatedBuilds: automatedBuilds
            case .versionControl: versionControl
            case .loadBalancing: loadBalancing
            case .automatedDeployment: automatedDeployment
            case .triedRollback: triedRollback
            case .scanning: scanning
            case .noSecrets: noSecrets
            case .minimalBase: minimalBase
            case .regularUpdates: regularUpdates
            }
        return Answer(
            question: question, area: question.area, isYes: verdict.remedy == nil, evidence: verdict.evidence, at: verdict.at, remedy: verdict.remedy)
    }

    /// Without a remedy it is a yes.
    struct Verdict {
        var evidence: String
        var at: Timestamp?
        var remedy: String?

        static func yes(_ evidence: String, at: Timestamp?) -> Verdict { Verdict(evidence: evidence, at: at) }
        static func no(_ evidence: String, at: Timestamp? = nil, _ remedy: String) -> Verdict { Verdict(evidence: evidence, at: at, remedy: remedy) }
    }

    /// The rules of a list that something breaks.
    func broken(_ rules: String...) -> [String] {
        rules.filter { facts.brokenRules.contains($0) || facts.image?.brokenRules.contains($0) ?? false }
    }

    func isYounger(_ moment: Timestamp?, than age: Milliseconds) -> Bool { moment.map { !isInFuture($0) && facts.now - $0 <= age } ?? false }

    func isInFuture(_ moment: Timestamp) -> Bool { moment - facts.now > AssessmentLimits.clockSlack }

    /// Why something counts as old; `nil` when it does not.
    func staleness(of what: String, made moment: Timestamp?, limit: Milliseconds) -> String? {
        guard let moment else { return "how old \(what) is is not known" }
        if isInFuture(moment) { return "\(what) bears a date that is still to come" }
        return isYounger(moment, than: limit) ? nil : "\(what) is older than \(limit)"
    }

    static func verdict(_ finding: AssessmentFacts.Finding?, missing: String, _ remedy: String) -> Verdict {
        guard let finding else { return .no(missing, remedy) }
        return finding.isGood ? .yes(finding.words, at: finding.at) : .no(finding.words, at: finding.at, remedy)
    }

    static let noImage = Verdict.no("there is no image to look at", "run `ingot up`")
}
