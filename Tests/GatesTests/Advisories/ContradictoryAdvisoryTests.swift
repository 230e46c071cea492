// swift-format-ignore-file: NeverForceUnwrap

import Foundation
import IngotModel
import SystemPackage
import Testing

@testable import Gates

/// Where advisories contradict each other or themselves, the worse is believed, or nothing of them is taken over.
@Suite("Advisories that contradict each other, or are old") struct ContradictoryAdvisoryTests {
    private func identifiers(_ lines: [String]) throws -> [String] {
        let folder = try AdvisoryFolder()
        try folder.add(.osv, lines.joined(separator: "\n"), as: "feed.jsonl")
        return try folder.open().advisories(.pypi, "jinja2").map(\.id)
    }

    @Test("of two records of one moment both count, and a withdrawal beside another word does not, in any order") func sameMoment() throws {
        let stands = OSVText.record("A", fixed: "9")
        let other = OSVText.record("A", fixed: "1")
        let withdrawn = OSVText.record("A", extra: #""withdrawn":"2026-11-25T00:00:00Z""#)
        #expect(try identifiers([stands, other]) == ["A", "A"])
        #expect(try identifiers([stands, withdrawn]) == ["A"])
        #expect(try identifiers([withdrawn, stands]) == ["A"])
        #expect(try identifiers([withdrawn, OSVText.record("B")]) == ["B"])
    }

    @Test(
        "a record that says a thing twice, or was withdrawn at no time, is refused",
        arguments: [
            OSVText.record("A", extra: #""withdrawn":"""#), OSVText.record("A", extra: #""withdrawn":"soon""#),
            OSVText.record("A", extra: #""affected":[]"#), OSVText.record("A", extra: #""\u0069d":"B""#),
        ])
    func refused(_ line: String) throws { #expect(throws: GateError.self) { try identifiers([line]) } }

    @Test("what Alpine mends has a name, whatever it looks like") func alpineNames() throws {
        let folder = try AdvisoryFolder()
        try folder.add(
            .alpine, #"{"distroversion":"v3.19","packages":[{"pkg":{"name":"a","secfixes":{"1-r1":["cve-2020-1 (again)","CVE_2020_2"]}}}]}"#, as: "x")
        let found = try folder.open().advisories(#require(AdvisoryScope("Alpine:v3.19")), "a")
        #expect(found.map(\.id) == ["CVE_2020_2", "cve-2020-1 (again)"])
        #expect(throws: GateError.self) {
            try folder.add(.alpine, #"{"distroversion":"v3.19","packages":[{"pkg":{"name":"a","secfixes":{"1-r1":[""]}}}]}"#, as: "x")
        }
    }

    @Test("a version that is none can't be judged by a list of versions either") func unreadable() {
        let listed = Advisory(id: "X", scope: .pypi, package: "x", ranges: [], versions: ["1.0"])
        #expect(listed.verdict(on: VersionOrder.pep440.version("one")) == .unreadable("one"))
    }

    @Test("an artifact of Java whose group is not known is judged by the advisories of every group, also after another import")
    func artifact() throws {
        let folder = try AdvisoryFolder()
        try folder.add(.osv, OSVText.record("GHSA-1", "Maven", "org.springframework:spring-core", fixed: "5.3.18"), as: "maven.jsonl")
        for _ in 0..<2 {
            let index = try folder.open()
            let maven = try #require(AdvisoryScope("Maven"))
            #expect(try index.advisories(maven, "spring-core").map(\.id) == ["GHSA-1"])
            #expect(try index.advisories(maven, "org.springframework:spring-core").map(\.id) == ["GHSA-1"])
            #expect(try index.advisories(maven, "core").isEmpty)
            try folder.add(.osv, OSVText.record("PYSEC-1"), as: "other.jsonl")
        }
    }

    private func source(_ count: Int, days: Int, repository: String? = nil) -> AdvisoryCatalog.Source {
        AdvisoryCatalog.Source(
            origin: "\(count)", format: .osv, digest: BillOfMaterials.digest, newest: nil, importedAt: .test + .seconds(-days * 86_400),
            advisories: count, withdrawn: 0, skipped: 0, scopes: ["PyPI": count], repository: repository)
    }

    @Test("a few young advisories don't make many old ones young, and of repositories the oldest counts") func age() {
        func days(_ sources: [AdvisoryCatalog.Source]) -> Int? {
            AdvisoryCatalog(sources: sources).knownAt(.pypi).map { (Timestamp.test - $0).count / 86_400_000 }
        }
        #expect(days([source(1_000, days: 30), source(1, days: 0)]) == 30)
        #expect(days([source(1_000, days: 30), source(900, days: 0)]) == 0)
        #expect(days([source(1_000, days: 1, repository: "main"), source(10, days: 9, repository: "community")]) == 9)
        #expect(days([]) == nil)
    }

    @Test("a feed without dates is as old as its file") func fileTime() throws {
        let folder = try AdvisoryFolder()
        let old = Timestamp(text: "2026-01-01T00:00:00Z")!
        let path = try folder.write(#"{"a":{"CVE-1":{"releases":{"bookworm":{"status":"open"}}}}}"#, as: "tracker.json")
        let date = Date(timeIntervalSince1970: Double(old.millisecondsSince1970) / 1000)
        try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: path.string)
        let done = try AdvisorySource(format: .debian, path: path).import(into: folder.index, at: .test)
        #expect(done.source.knownAt == old)
    }
}
