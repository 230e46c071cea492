/// What is looked for, why it matters, and what to do about it.
public struct LintRule: Hashable, Sendable, Codable {
    /// What a rule is about. The letter stands in its identifier.
    public enum Subject: String, Hashable, Sendable, Codable, CaseIterable {
        case dockerfile, manifest, image, instance, exemption

        public var letter: Character {
            switch self {
            case .dockerfile: "D"
            case .manifest: "M"
            case .image: "I"
            case .instance: "R"
            case .exemption: "X"
            }
        }
    }

    /// `ING-`, the letter of the subject, and three digits: `ING-D001`. Never given to another rule.
    public var id: String
    public var subject: Subject
    public var severity: LintSeverity
    /// A few words, as a heading.
    public var title: String
    /// Why it matters, in a sentence or two.
    public var reason: String
    /// What to do about it.
    public var fix: String

    init(_ subject: Subject, _ number: Int, _ severity: LintSeverity, _ title: String, because reason: String, fix: String) {
        let digits = String(number)
        id = "ING-\(subject.letter)\(String(repeating: "0", count: max(0, 3 - digits.count)))\(digits)"
        self.subject = subject
        self.severity = severity
        self.title = title
        self.reason = reason
        self.fix = fix
    }
}
