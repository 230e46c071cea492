internal import IngotModel

/// What a scanner's report comes to.
struct ScannedImage {
    var packages = 0
    var findings: [VulnerabilityFinding] = []
    var gaps: [UnjudgedPart] = []

    /// A report about nothing is no clean result.
    init(packages: Int, findings: [VulnerabilityFinding], hasEnded: Bool, knows isKnown: Bool) {
        self.packages = packages
        self.findings = findings
        if !isKnown {
            gaps.append(
                UnjudgedPart(
                    reason: .noPackages, message: "the scanner recognised nothing in the image", remedy: "check what it is built on", fails: true))
        }
        if hasEnded {
            gaps.append(
                UnjudgedPart(
                    reason: .endedDistribution, message: "the scanner says that the image's distribution has ended",
                    remedy: "build on a newer release", fails: true))
        }
    }
}

extension VulnerabilityFinding {
    /// As another scanner found it, without a decision yet.
    init(
        scanned ids: [String], _ ecosystem: String, _ name: String, _ version: String, _ severity: Severity, _ fix: String?,
        _ locations: [Package.Location], _ summary: String
    ) {
        self.init(
            ids: Array(Set(ids)).sorted { ($0.hasPrefix("CVE-") ? 0 : 1, $0) < ($1.hasPrefix("CVE-") ? 0 : 1, $1) }, ecosystem: ecosystem,
            name: name, version: version, packages: [name], severity: severity, scoreTenths: nil, fixedVersion: fix, locations: locations,
            summary: summary,
            advice: fix.map { "upgrade \(name) \(version) to \($0), and rebuild" }
                ?? "nothing mends it yet: take \(name) out, or give an exception with a reason and an end date",
            decision: .init(outcome: .fails))
    }
}
