import Foundation
internal import IngotModel

/// An advisory as the OSV schema has it, with the fields that decide something.
///
/// Source: OSV schema 1.7 (ossf.github.io/osv-schema). Fields that it does not name are ignored.
struct OSVRecord: Decodable {
    struct Affected: Decodable {
        struct Package: Decodable {
            var ecosystem: String
            var name: String
        }
        struct Range: Decodable {
            var type: String
            var events: [[String: String]]
        }
        struct Specific: Decodable {
            var severity: String?
            var urgency: String?
            var informational: String?

            enum CodingKeys: CodingKey { case severity, urgency, informational }

            /// Databases put here what they like: what is no text is not what we look for.
            init(from decoder: any Decoder) throws {
                guard let container = try? decoder.container(keyedBy: CodingKeys.self) else { return }
                severity = try? container.decodeIfPresent(String.self, forKey: .severity)
                urgency = try? container.decodeIfPresent(String.self, forKey: .urgency)
                informational = try? container.decodeIfPresent(String.self, forKey: .informational)
            }
        }
        var package: Package?
        var ranges: [Range]?
        var versions: [String]?
        var severity: [Score]?
        var ecosystem_specific: Specific?
        var database_specific: Specific?
    }
    struct Score: Decodable {
        var type: String
        var score: String
    }

    var id: String
    var modified: String
    var withdrawn: String?
    var aliases: [String]?
    var upstream: [String]?
    var summary: String?
    var severity: [Score]?
    var affected: [Affected]?
    var database_specific: Affected.Specific?

    /// - Throws: also for a document with a key twice: a withdrawal could stand beside another one that says nothing.
    static func decode(_ bytes: [UInt8]) throws -> OSVRecord {
        let record = try JSONDecoder().decode(OSVRecord.self, from: Data(bytes))
        guard !RepeatedKeys.areIn(bytes) else { throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: "it has a key twice")) }
        return record
    }

    /// The schema asks for RFC 3339 in UTC with `T` and `Z`; a tenth of PyPI's have a space, and `+00:00`.
    var modifiedAt: Timestamp? { Self.time(modified) }
    var withdrawnAt: Timestamp? { withdrawn.flatMap(Self.time) }
    var isWithdrawn: Bool { withdrawn != nil }

    private static func time(_ written: String) -> Timestamp? {
        guard written.utf8.count <= 40 else { return nil }
        let text = written.replacing(" ", with: "T")
        return Timestamp(text: text.hasSuffix("+00:00") ? text.dropLast(6) + "Z" : text)
    }

    // MARK: What it says

    struct Statements {
        var advisories: [Advisory] = []
        /// Packages of ecosystems that are not known here, and such as name only commits.
        var skipped = 0
    }

    /// - Throws: `GateError` for what exceeds the limits.
    func statements(_ limits: AdvisoryLimits) throws -> Statements {
        var statements = Statements()
        let modified = modifiedAt
        for affected in affected ?? [] {
            try limits.check(affected, of: id)
            guard let package = affected.package, let scope = AdvisoryScope(package.ecosystem),
                let advisory = advisory(affected, name: scope.normalized(package.name), scope, modified)
            else {
                statements.skipped += 1
                continue
            }
            statements.advisories.append(advisory)
        }
        return statements
    }

    private func advisory(_ affected: Affected, name: String, _ scope: AdvisoryScope, _ modified: Timestamp?) -> Advisory? {
        let ranges = (affected.ranges ?? []).filter { $0.type != "GIT" }.map { range in
            AffectedRange(range.events.flatMap(Self.events), order: scope.order)
        }
        let versions = affected.versions ?? []
        // OSV: a package without ranges and versions is affected as a whole. One with commits only is not said anything about.
        let isWhole = ranges.isEmpty && versions.isEmpty
        if isWhole, affected.ranges?.isEmpty == false { return nil }
        let rating = rating(affected)
        return Advisory(
            id: id, aliases: names, scope: scope, package: name, modified: modified, severity: rating.severity, scoreTenths: rating.tenths,
            status: status(affected), ranges: isWhole ? [AffectedRange([], order: scope.order)] : ranges, versions: versions,
            summary: String((summary ?? "").prefix(AdvisoryLimits.summaryCharacters)))
    }

    /// `upstream` of one is the same vulnerability in a distribution; of several, an update that mends them all.
    private var names: [String] { (aliases ?? []) + (upstream?.count == 1 ? upstream ?? [] : []) }

    private static func events(_ event: [String: String]) -> [(kind: AffectedRange.Kind, version: String)] {
        event.compactMap { key, version in
            switch key {
            case "introduced": (.introduced, version)
            case "fixed": (.fixed, version)
            case "last_affected": (.lastAffected, version)
            case "limit": (.limit, version)
            default: nil
            }
        }
    }

    private func status(_ affected: Affected) -> Advisory.Status {
        let urgency = affected.ecosystem_specific?.urgency ?? affected.database_specific?.urgency
        if urgency == "unimportant" { return .unimportant }
        switch affected.ecosystem_specific?.informational ?? affected.database_specific?.informational {
        case "unmaintained", "notice": return .informational
        default: return .affected
        }
    }

    /// The worst of what CVSS 3 and the database itself say; CVSS 2 only where nobody says more. Two ratings of one vulnerability
    /// may differ, and the gate believes the worse.
    private func rating(_ affected: Affected) -> (severity: Severity, tenths: Int?) {
        let scores = (affected.severity ?? []) + (severity ?? [])
        func tenths(_ type: String) -> Int? { scores.filter { $0.type == type }.compactMap { CVSSVector.baseScoreTenths($0.score) }.max() }
        let words =
            [affected.ecosystem_specific, affected.database_specific, database_specific].flatMap { [$0?.severity, $0?.urgency] }.compactMap { $0 }
            + scores.filter { !$0.type.hasPrefix("CVSS") }.map(\.score)
        let score = tenths("CVSS_V3")
        let worst = words.map { Severity(word: $0) }.reduce(score.map { Severity(tenths: $0) } ?? .unknown, Severity.worse)
        if worst == .unknown, let older = tenths("CVSS_V2") { return (Severity(tenths: older), older) }
        return (worst, score)
    }
}
