import IngotModel

extension SARIFLog {
    /// - Parameters:
    ///   - version: the program's.
    ///   - manifest: the file to which findings about images are tied: those who read the log show only what has a file.
    public init(_ report: LintReport, version: String, manifest: String) {
        let all = report.findings + report.exempted
        let used = Set(all.map(\.rule))
        let rules = LintCatalog.rules.filter { used.contains($0.id) }
        let indices = Dictionary(rules.enumerated().map { ($0.element.id, $0.offset) }, uniquingKeysWith: { first, _ in first })
        let driver = Tool.Component(name: "Ingot", version: version, rules: rules.map(Rule.init))
        runs = [Run(tool: Tool(driver: driver), results: all.map { Result($0, index: indices[$0.rule] ?? 0, manifest) })]
    }

    /// Characters that a path may have in a URI; the others are percent-encoded. Source: RFC 3986, sections 2.3 and 3.3.
    static func uri(_ path: String) -> String {
        let kept = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/".utf8)
        let digits = Array("0123456789ABCDEF")
        let relative = path.hasPrefix("./") ? path.dropFirst(2) : path[...]
        let encoded = relative.utf8.map { byte in
            kept.contains(byte) ? String(UnicodeScalar(byte)) : "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
        }.joined()
        return encoded.hasPrefix("/") ? "file://\(encoded)" : encoded
    }
}

extension SARIFLog.Rule {
    fileprivate init(_ rule: LintRule) {
        self.init(
            id: rule.id, shortDescription: .init(text: rule.title), fullDescription: .init(text: rule.reason), help: .init(text: rule.fix),
            defaultConfiguration: .init(level: rule.severity))
    }
}

extension SARIFLog.Result {
    fileprivate init(_ finding: LintFinding, index: Int, _ manifest: String) {
        self.init(
            ruleId: finding.rule, ruleIndex: index, level: finding.severity, message: .init(text: "\(finding.message). \(finding.fix)"),
            locations: [SARIFLog.Location(finding.place, manifest)],
            suppressions: finding.exemption.map { [.init(kind: "inSource", justification: $0.reason)] })
    }
}

extension SARIFLog.Location {
    fileprivate init(_ place: LintPlace, _ manifest: String) {
        let source = place.source
        physicalLocation = SARIFLog.PhysicalLocation(
            artifactLocation: .init(uri: SARIFLog.uri(source?.file ?? manifest)),
            region: .init(startLine: source?.line ?? 1, startColumn: source?.column ?? 1))
        logicalLocations = place.image.map { _ in [.init(fullyQualifiedName: place.description, kind: "resource")] }
    }
}
