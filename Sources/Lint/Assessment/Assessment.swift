public import IngotModel

/// A service's readiness for immutable infrastructure, each answer with its evidence.
public struct Assessment: Hashable, Sendable, Codable {
    public struct Answer: Hashable, Sendable, Codable {
        public var question: AssessmentQuestion
        public var area: AssessmentQuestion.Area
        public var isYes: Bool
        /// What says so, or what is missing.
        public var evidence: String
        /// When the evidence came about; `nil` when there is none, or it bears no date.
        public var at: Timestamp?
        /// What turns a no into a yes.
        public var remedy: String?
    }

    public var service: ServiceName
    public var image: Digest?
    public var answers: [Answer]
    /// 1 to 5.
    public var level: Int
    /// What is missing for the next level; empty at the highest.
    public var missing: [AssessmentQuestion]
    /// What could not be asked: each counts as no.
    public var unknowns: [String]

    public static let levels = [
        "by hand", "repeatable: images come from commits", "immutable: one digest goes everywhere, and nothing is changed in place",
        "safe: releases and deaths lose no request, and going back works", "continuous: what is known to be vulnerable or old is replaced",
    ]

    public init(_ facts: AssessmentFacts) {
        service = facts.service
        image = facts.image?.digest
        unknowns = facts.unknowns
        let answers = AssessmentQuestion.allCases.map { AssessmentJudge(facts: facts).answer($0) }
        self.answers = answers
        let no = answers.filter { !$0.isYes }.map(\.question)
        let level = (no.map(\.level).min() ?? Self.levels.count + 1) - 1
        self.level = level
        missing = no.filter { $0.level == level + 1 }
    }
}

/// How old evidence may be.
public enum AssessmentLimits {
    public static let rollback = Milliseconds.minutes(180 * 24 * 60)
    public static let scan = Milliseconds.minutes(7 * 24 * 60)
    public static let image = Milliseconds.minutes(90 * 24 * 60)
    public static let base = ImageLimits.baseAge
    /// How far the clocks of others may be ahead: a date further in the future says nothing.
    public static let clockSlack = Milliseconds.minutes(5)
    /// Packages of an image that is called small.
    public static let packages = 150
}
