import Foundation
import IngotModel
import SystemPackage
import Testing

@testable import Gates

/// Judging by everything that is published here.
@Suite("Rescans", .enabled(if: PublishedData.exists("debian"), "SKIPPED: no published fixes; set INGOT_TEST_DATA to the folder that has debian/"))
struct RescanTests {
    /// Debian 11 with 300 source packages, all before the fixes that DSAs brought, and everything that is published here as an index.
    private func setUp(_ folder: AdvisoryFolder) throws -> BillOfMaterials {
        let rows = try Debsecan.rows()
        try folder.add(.debian, Debsecan.tracker(rows), as: "tracker.json")
        for name in ["PyPI", "crates.io"] {
            let path = FilePath(PublishedData.folder.appending(path: "osv/\(name).jsonl.gz").path)
            _ = try AdvisorySource(format: .osv, path: path).import(into: folder.index, at: .test)
        }
        let names = Set(rows.map { $0[0] }).sorted()
        let packages = (0..<300).map { number in
            Package(
                ecosystem: .debian, name: names[number % names.count] + "\(number)", version: "0.1-1",
                source: .init(name: names[number % names.count], version: "0.1-1"))
        }
        return BillOfMaterials(image: BillOfMaterials.digest, distribution: Distribution(id: "debian", versionID: "11"), packages: packages)
    }

    @Test("an image of 300 packages is judged by all that is published, and again the same")
    func rescan() throws {
        let folder = try AdvisoryFolder()
        let bill = try setUp(folder)
        let policy = VulnerabilityPolicy(maximumAge: .seconds(20_000 * 86_400))
        let report = try VulnerabilityGate.judge(bill, against: folder.open(), policy: policy, at: .test)
        #expect(report.findings.count > 500)
        let advisories = CurrentAdvisories(folder.index)
        #expect(try advisories.judge(bill, policy: policy, at: .test) == report)
        #expect(try advisories.judge(bill, policy: policy, at: .test) == report)
    }
}
