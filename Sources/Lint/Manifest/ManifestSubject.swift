public import IngotModel
public import Manifest

/// An `ingot.yaml` that was read without mistakes.
public struct ManifestSubject: Sendable {
    public var specification: ServiceSpecification
    public var outline: ManifestOutline

    public init(_ specification: ServiceSpecification, _ outline: ManifestOutline) {
        self.specification = specification
        self.outline = outline
    }

    /// Everything that the rules say of the file.
    public func findings() -> [LintFinding] { ManifestRules.all.flatMap { $0.findings(self) } }

    var production: [EnvironmentSpecification] { specification.environments.filter(\.isProduction) }

    /// A hit at a key, or where it would stand.
    func hit(_ message: String, at path: String) -> LintHit { LintHit(message, at: .source(outline.location(path))) }
}

extension LintExemptions {
    /// Those of the section `lint`.
    public static func of(manifest text: String, file: String) -> [LintExemption] {
        Manifest.ignoredRules(text, file: file).map {
            LintExemption(id: $0.id, reason: $0.reason, until: $0.until?.text, location: $0.location)
        }
    }
}
