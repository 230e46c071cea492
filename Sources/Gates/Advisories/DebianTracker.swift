import Foundation
internal import IngotModel

/// The Debian security tracker's own data: source package, vulnerability, state in each release.
///
/// Source: security-tracker.debian.org/tracker/data/json; Debian, "Security Tracker" documentation, "Severity levels" and
/// "Distribution tags".
struct DebianTracker: Decodable {
    struct Vulnerability: Decodable {
        var description: String?
        var releases: [String: Release]?
    }
    struct Release: Decodable {
        var status: String
        /// `0`: the release never was affected.
        var fixed_version: String?
        var urgency: String?
        var nodsa: String?
        var nodsa_reason: String?
    }

    var packages: [String: [String: Vulnerability]]

    init(from decoder: any Decoder) throws { packages = try decoder.singleValueContainer().decode([String: [String: Vulnerability]].self) }

    static func decode(_ bytes: [UInt8]) throws -> DebianTracker { try JSONDecoder().decode(DebianTracker.self, from: Data(bytes)) }

    func advisories(_ limits: AdvisoryLimits) throws -> [Advisory] {
        var advisories: [Advisory] = []
        for (package, vulnerabilities) in packages {
            for (id, vulnerability) in vulnerabilities {
                guard max(package.utf8.count, id.utf8.count) <= limits.nameBytes else {
                    throw AdvisoryError.tooLarge("a name", limit: "\(limits.nameBytes) bytes")
                }
                for (codename, release) in vulnerability.releases ?? [:] {
                    guard let advisory = try release.advisory(id, package, codename: codename, summary: vulnerability.description ?? "") else {
                        continue
                    }
                    advisories.append(advisory)
                }
            }
            guard advisories.count <= limits.records else { throw AdvisoryError.tooLarge("the file", limit: "\(limits.records) statements") }
        }
        return advisories
    }
}

extension DebianTracker.Release {
    /// `nil` when the release is not affected, or is none of those that images are made of.
    func advisory(_ id: String, _ package: String, codename: String, summary: String) throws -> Advisory? {
        guard let number = DistributionRelease.debianNumber(codename: codename), let scope = AdvisoryScope("Debian:\(number)"),
            let state = try state(id, package)
        else { return nil }
        var events: [(kind: AffectedRange.Kind, version: String)] = [(.introduced, "0")]
        if let fix = state.fix { events.append((.fixed, fix)) }
        return Advisory(
            id: id, scope: scope, package: package, severity: Severity(word: urgency ?? ""), status: state.status,
            ranges: [AffectedRange(events, order: scope.order)], summary: String(summary.prefix(AdvisoryLimits.summaryCharacters)))
    }

    private func state(_ id: String, _ package: String) throws -> (status: Advisory.Status, fix: String?)? {
        let affected: Advisory.Status = urgency == "unimportant" ? .unimportant : .affected
        switch status {
        case "resolved":
            guard let fixed_version else { throw AdvisoryError.malformed("\(id) of \(package)", "it is resolved, but not by which version") }
            return fixed_version == "0" ? nil : (affected, fixed_version)
        case "open":
            // `no-dsa` and `postponed` may still be mended by a point release; `ignored` and what has ended will not.
            let isGivenUp = nodsa_reason == "ignored" || urgency == "end-of-life"
            return (affected == .affected && isGivenUp ? .ignored : affected, nil)
        case "undetermined":
            return (.undetermined, nil)
        default:
            throw AdvisoryError.malformed("\(id) of \(package)", "its status '\(status.prefix(40))' is not known")
        }
    }
}
