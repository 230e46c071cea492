internal import IngotModel

/// Source: anchore/grype, "JSON output".
struct GrypeReport: Decodable {
    struct Match: Decodable {
        struct Vulnerability: Decodable {
            struct Fix: Decodable { var versions: [String]? }
            var id: String
            var severity: String?
            var fix: Fix?
            var description: String?
        }
        struct Related: Decodable { var id: String }
        struct Artifact: Decodable {
            struct Location: Decodable {
                var path: String
                var layerID: String?
            }
            var name: String
            var version: String
            var type: String?
            var locations: [Location]?
        }
        var vulnerability: Vulnerability
        var relatedVulnerabilities: [Related]?
        var artifact: Artifact
    }
    struct Distro: Decodable { var name: String? }
    var matches: [Match]
    var distro: Distro?

    var scanned: ScannedImage {
        let findings = matches.map(Self.finding)
        let isKnown = !matches.isEmpty || distro?.name?.isEmpty == false
        return ScannedImage(packages: Set(findings.map(\.name)).count, findings: findings, hasEnded: false, knows: isKnown)
    }

    private static func finding(_ match: Match) -> VulnerabilityFinding {
        VulnerabilityFinding(
            scanned: [match.vulnerability.id] + (match.relatedVulnerabilities ?? []).map(\.id), match.artifact.type ?? "", match.artifact.name,
            match.artifact.version, Severity(word: match.vulnerability.severity ?? ""), match.vulnerability.fix?.versions?.first,
            (match.artifact.locations ?? []).compactMap { place in
                place.layerID.flatMap { Digest($0) }.map { .init(layer: $0, path: place.path) }
            }, String((match.vulnerability.description ?? "").prefix(AdvisoryLimits.summaryCharacters)))
    }
}
