import Foundation
import IngotModel
import Testing

@testable import Gates

@Suite("Debian's security tracker") struct DebianTrackerTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var state: String
        var status: Advisory.Status?
        var affected: String?
        var safe: String?
    }

    @Test(
        "each state of a vulnerability in a release means what Debian means",
        arguments: [
            Case(
                testDescription: "fixed", state: #""status":"resolved","fixed_version":"1.1.1n-0+deb11u1""#, status: .affected, affected: "1.1.1k-1",
                safe: "1.1.1n-0+deb11u1"),
            Case(testDescription: "never affected", state: #""status":"resolved","fixed_version":"0""#, status: nil),
            Case(testDescription: "unfixed, or removed", state: #""status":"open""#, status: .affected, affected: "99", safe: nil),
            Case(
                testDescription: "no-dsa", state: #""status":"open","nodsa":"Minor issue","nodsa_reason":"""#, status: .affected, affected: "1",
                safe: nil),
            Case(
                testDescription: "ignored", state: #""status":"open","nodsa":"Minor issue","nodsa_reason":"ignored""#, status: .ignored,
                affected: "1", safe: nil),
            Case(testDescription: "unimportant", state: #""status":"open","urgency":"unimportant""#, status: .unimportant, affected: "1", safe: nil),
            Case(
                testDescription: "unimportant and fixed", state: #""status":"resolved","fixed_version":"2","urgency":"unimportant""#,
                status: .unimportant, affected: "1", safe: "2"),
            Case(testDescription: "undetermined", state: #""status":"undetermined""#, status: .undetermined, affected: "1", safe: nil),
            Case(testDescription: "ended", state: #""status":"open","urgency":"end-of-life""#, status: .ignored, affected: "1", safe: nil),
        ])
    func states(_ example: Case) throws {
        let folder = try AdvisoryFolder()
        try folder.add(
            .debian, #"{"openssl":{"CVE-2022-0778":{"releases":{"bullseye":{\#(example.state)},"sid":{"status":"open"}}}}}"#, as: "tracker.json")
        let found = try folder.open().advisories(.bullseye, "openssl")
        #expect(found.first?.status == example.status)
        #expect(found.count == (example.status == nil ? 0 : 1))
        guard let advisory = found.first else { return }
        if let affected = example.affected, case .affected = advisory.verdict(on: VersionOrder.dpkg.version(affected)) {
        } else {
            Issue.record("affected")
        }
        if let safe = example.safe { #expect(advisory.verdict(on: VersionOrder.dpkg.version(safe)) == .notAffected) }
    }

    /// What DSAs of bullseye mended: at the version that mends it a package is safe, just before it is not.
    @Test(
        "published fixes of bullseye draw the line where Debian drew it",
        .enabled(if: PublishedData.exists("debian"), "SKIPPED: no published fixes; set INGOT_TEST_DATA to the folder that has debian/"))
    func fixes() throws {
        let rows = try Debsecan.rows()
        let folder = try AdvisoryFolder()
        try folder.add(.debian, Debsecan.tracker(rows), as: "tracker.json")
        let index = try folder.open()
        #expect(rows.count == 2_001)
        for row in rows {
            let advisory = try #require(try index.advisories(.bullseye, row[0]).first { $0.id == row[1] })
            guard case .affected(let fix?) = advisory.verdict(on: VersionOrder.dpkg.version("\(row[2])~")) else {
                Issue.record("\(row)")
                continue
            }
            #expect(advisory.verdict(on: VersionOrder.dpkg.version(fix)) == .notAffected)
        }
    }
}
