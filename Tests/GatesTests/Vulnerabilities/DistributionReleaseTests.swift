import Foundation
import IngotModel
import Testing

@testable import Gates

/// The table of ends against Debian's own data, where its package `distro-info-data` is installed.
@Suite("Ends of distributions' releases")
struct DistributionReleaseTests {
    private static let folder = "/usr/share/distro-info"
    private static let isInstalled = FileManager.default.fileExists(atPath: "\(folder)/debian.csv")

    /// By version, the fields of each release by the names of the columns.
    private static func rows(_ distribution: String) throws -> [String: [String: String]] {
        let lines = try String(contentsOfFile: "\(folder)/\(distribution).csv", encoding: .utf8).split(separator: "\n")
        let columns = lines[0].split(separator: ",").map(String.init)
        let rows = lines.dropFirst().map { line in
            Dictionary(uniqueKeysWithValues: zip(columns, line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)))
        }
        return Dictionary(rows.map { ($0["version", default: ""].split(separator: " ").first.map(String.init) ?? "", $0) }) { first, _ in first }
    }

    @Test(
        "the ends are those that Debian's data has", .enabled(if: isInstalled, "SKIPPED: distro-info-data is not installed"),
        arguments: [("debian", "eol-lts"), ("ubuntu", "eol")])
    func ends(_ distribution: String, _ column: String) throws {
        let rows = try Self.rows(distribution)
        for release in DistributionRelease.known where release.distribution == distribution {
            // A release that is newer than the data has no row.
            guard let row = rows[release.version] else { continue }
            #expect(release.end == row[column] && (release.codename == row["series"]), "\(release)")
        }
    }

    @Test("what calls itself by another version than a release's is unknown", arguments: [nil, "", "12.1", "99", "3.23.0_alpha20250612", "edge"])
    func unknown(_ version: String?) {
        for id in ["debian", "ubuntu", "alpine"] { #expect(DistributionRelease(Distribution(id: id, versionID: version)) == nil) }
    }
}
