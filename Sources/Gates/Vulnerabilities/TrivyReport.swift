internal import IngotModel

/// Source: aquasecurity/trivy, "JSON report", SchemaVersion 2.
struct TrivyReport: Decodable {
    struct Metadata: Decodable {
        struct System: Decodable { var EOSL: Bool? }
        var OS: System?
    }
    struct Result: Decodable {
        struct Vulnerability: Decodable {
            struct Layer: Decodable { var DiffID: String? }
            var VulnerabilityID: String
            var PkgName: String
            var InstalledVersion: String
            var FixedVersion: String?
            var Severity: String?
            var Title: String?
            var PkgPath: String?
            var Layer: Layer?
        }
        var Target: String
        var type: String?
        var Vulnerabilities: [Vulnerability]?
        enum CodingKeys: String, CodingKey {
            case Target, Vulnerabilities
            case type = "Type"
        }
    }
    var SchemaVersion: Int
    var Metadata: Metadata?
    var Results: [Result]?

    /// - Throws: for a report of another form, which may say things in other places.
    func checked() throws -> TrivyReport {
        guard SchemaVersion == 2 else {
            throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "SchemaVersion is \(SchemaVersion), not 2"))
        }
        return self
    }

    var scanned: ScannedImage {
        let findings = (Results ?? []).flatMap { result in (result.Vulnerabilities ?? []).map { Self.finding($0, result.type ?? "") } }
        return ScannedImage(
            packages: Set(findings.map(\.name)).count, findings: findings, hasEnded: self.Metadata?.OS?.EOSL == true, knows: Results?.isEmpty == false
        )
    }

    private static func finding(_ vulnerability: Result.Vulnerability, _ ecosystem: String) -> VulnerabilityFinding {
        let fix = vulnerability.FixedVersion.flatMap { $0.isEmpty ? nil : $0 }
        let layer = vulnerability.Layer?.DiffID.flatMap { Digest($0) }
        return VulnerabilityFinding(
            scanned: [vulnerability.VulnerabilityID], ecosystem, vulnerability.PkgName, vulnerability.InstalledVersion,
            Severity(word: vulnerability.Severity ?? ""), fix, layer.map { [.init(layer: $0, path: vulnerability.PkgPath ?? "")] } ?? [],
            vulnerability.Title ?? "")
    }
}
