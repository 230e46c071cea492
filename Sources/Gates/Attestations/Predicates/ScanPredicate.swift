public import IngotModel

/// What a scanner found in an image.
///
/// Source: in-toto Attestation Framework, "Predicate type: Vulnerabilities", v0.1. `unjudged` is Ingot's: what the scanner did not look at, so that
/// a list without findings is not taken for an image without vulnerabilities.
public struct ScanPredicate: StatementPredicate {
    public static let predicateType = "https://in-toto.io/attestation/vulns/v0.1"

    public struct Scanner: Hashable, Sendable, Codable {
        public var uri: String
        public var version: String?
        public var db: Database
        public var result: [Vulnerability]
    }

    public struct Database: Hashable, Sendable, Codable {
        public var lastUpdate: Timestamp
    }

    public struct Vulnerability: Hashable, Sendable, Codable {
        public var id: String
        public var severity: [Rating]
        public var annotations: [String: String]?
    }

    public struct Rating: Hashable, Sendable, Codable {
        public var method: String
        public var score: String
    }

    public struct Metadata: Hashable, Sendable, Codable {
        public var scanStartedOn: Timestamp
        public var scanFinishedOn: Timestamp
    }

    public var scanner: Scanner
    public var metadata: Metadata
    public var unjudged: [String]?
}

extension ScanPredicate {
    /// - Parameter advisoriesAt: how old the advisories were that it was compared with.
    public init(_ report: VulnerabilityReport, version: String?, advisoriesAt: Timestamp, startedAt: Timestamp) {
        scanner = Scanner(
            uri: "urn:ingot:scanner:\(report.scanner)", version: version, db: Database(lastUpdate: advisoriesAt),
            result: report.findings.map(Vulnerability.init))
        metadata = Metadata(scanStartedOn: startedAt, scanFinishedOn: report.judgedAt)
        unjudged = report.unjudged.isEmpty ? nil : report.unjudged.map(\.message)
    }
}

extension ScanPredicate.Vulnerability {
    init(_ finding: VulnerabilityFinding) {
        id = finding.id
        severity = [ScanPredicate.Rating(method: "ingot", score: finding.severity.rawValue)]
        if let tenths = finding.scoreTenths {
            severity.append(ScanPredicate.Rating(method: "cvss_score", score: "\(tenths / 10).\(tenths % 10)"))
        }
        var notes = ["package": finding.name, "version": finding.version, "decision": finding.decision.outcome.rawValue]
        notes["fixedVersion"] = finding.fixedVersion
        annotations = notes
    }
}
