/// Every rule there is.
public enum LintCatalog {
    /// In the order of their identifiers.
    public static let rules: [LintRule] =
        (DockerfileRules.all.map(\.rule) + BuildCheckRules.rules + ManifestRules.all.map(\.rule) + ImageRules.all.map(\.rule)
        + [SnowflakeRule.rule] + InstanceRules.all.map(\.rule) + ExemptionRules.rules)
        .sorted { ($0.subject.order, $0.id) < ($1.subject.order, $1.id) }

    private static let byID = Dictionary(rules.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })

    public static func rule(_ id: String) -> LintRule? { byID[id] }
}

extension LintRule.Subject {
    fileprivate var order: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
