import Foundation
import IngotModel
import SystemPackage
import Testing

@testable import Gates

@Suite("Importing advisories") struct AdvisoryImportTests {
    @Test("what was imported is found by scope and name, and nothing else is")
    func found() throws {
        let folder = try AdvisoryFolder()
        let done = try folder.add(
            .osv,
            [OSVText.record("PYSEC-1", extra: #""aliases":["CVE-2024-1"],"summary":"A hole""#), OSVText.record("GHSA-2", "npm", "left-pad")].joined(
                separator: "\n"),
            as: "feed.jsonl")
        #expect(done.source.advisories == 2 && !done.isUnchanged && done.source.scopes == ["PyPI": 1, "npm": 1])
        let index = try folder.open()
        let found = try #require(try index.advisories(.pypi, "Jinja2").first)
        #expect(found.id == "PYSEC-1" && found.aliases == ["CVE-2024-1"] && found.summary == "A hole")
        #expect(found.verdict(on: VersionOrder.pep440.version("3.1.2")) == .affected(fixedBy: "3.1.3"))
        #expect(try index.advisories(.pypi, "left-pad").isEmpty)
        #expect(index.catalog.sources.first?.newest?.text == "2026-11-25T00:00:00.000Z")
        try index.verify()
    }

    @Test("importing the same again changes nothing, also not the time")
    func twice() throws {
        let folder = try AdvisoryFolder()
        try folder.add(.osv, OSVText.record("PYSEC-1"), as: "feed.jsonl")
        let before = try Data(contentsOf: URL(fileURLWithPath: folder.index.string))
        let again = try folder.add(.osv, OSVText.record("PYSEC-1"), as: "feed.jsonl", at: .test + .seconds(1_000))
        #expect(again.isUnchanged && again.source.importedAt == .test)
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.index.string)) == before)
    }

    @Test("a newer import replaces what came from there, and nothing from elsewhere")
    func replaced() throws {
        let folder = try AdvisoryFolder()
        try folder.add(.osv, OSVText.record("PYSEC-1"), as: "feed.jsonl")
        try folder.add(.osv, OSVText.record("GHSA-2", "npm", "left-pad"), as: "other.jsonl")
        try folder.add(.osv, OSVText.record("PYSEC-3", "PyPI", "flask"), as: "feed.jsonl")
        let index = try folder.open()
        #expect(try index.advisories(.pypi, "jinja2").isEmpty)
        #expect(try index.advisories(.pypi, "flask").map(\.id) == ["PYSEC-3"])
        #expect(try index.advisories(#require(AdvisoryScope("npm")), "left-pad").map(\.id) == ["GHSA-2"])
        #expect(index.catalog.sources.map(\.origin).sorted() == ["feed.jsonl", "other.jsonl"])
    }

    @Test("of one identifier the newest counts, and a withdrawal takes it back")
    func withdrawn() throws {
        let folder = try AdvisoryFolder()
        let lines = [
            OSVText.record("A", fixed: "9", modified: "2026-01-02T00:00:00Z"), OSVText.record("A", fixed: "1", modified: "2026-01-01T00:00:00Z"),
            OSVText.record("B", modified: "2026-01-01T00:00:00Z"),
            OSVText.record("B", modified: "2026-01-02T00:00:00Z", extra: #""withdrawn":"2026-01-02T00:00:00Z""#),
        ]
        let done = try folder.add(.osv, lines.joined(separator: "\n"), as: "feed.jsonl")
        #expect(done.source.withdrawn == 1)
        let found = try folder.open().advisories(.pypi, "jinja2")
        #expect(found.map(\.id) == ["A"])
        #expect(found.first?.verdict(on: VersionOrder.pep440.version("8")) == .affected(fixedBy: "9"))
    }

    @Test(
        "times are read as feeds write them",
        arguments: [
            ("2026-01-01T00:00:00Z", true), ("2026-01-01T00:00:00.123456Z", true), ("2026-01-01 00:00:00.123456+00:00", true),
            ("2026-01-01 00:00:00+00:00", true), ("2026-01-01", false), ("yesterday", false),
        ])
    func times(_ text: String, _ isRead: Bool) throws {
        let folder = try AdvisoryFolder()
        let line = OSVText.record("A", modified: text)
        if isRead {
            #expect(try folder.add(.osv, line, as: "feed.jsonl").source.newest?.text.hasPrefix("2026-01-01T00:00:00") == true)
        } else {
            #expect(throws: GateError.self) { try folder.add(.osv, line, as: "feed.jsonl") }
        }
    }

    @Test("a file of the same name from elsewhere replaces nothing, unless its name is given")
    func namesake() throws {
        let folder = try AdvisoryFolder()
        try folder.add(.osv, OSVText.record("A"), as: "PyPI/all.jsonl")
        let error = #expect(throws: GateError.self) { try folder.add(.osv, OSVText.record("B"), as: "npm/all.jsonl") }
        #expect(error?.code == "gates.advisories-name-taken" && error?.remedy?.contains("--name") == true)
        #expect(try folder.open().advisories(.pypi, "jinja2").map(\.id) == ["A"])
        try folder.add(.osv, OSVText.record("C"), as: "PyPI/all.jsonl")
        #expect(try folder.open().advisories(.pypi, "jinja2").map(\.id) == ["C"])
        let other = folder.path.appending("npm").appending("all.jsonl")
        _ = try AdvisorySource(format: .osv, path: other, origin: "all.jsonl").import(into: folder.index, at: .test)
        #expect(try folder.open().advisories(.pypi, "jinja2").map(\.id) == ["B"])
    }

    @Test("a folder and a zip say the same as lines")
    func forms() throws {
        let folder = try AdvisoryFolder()
        for number in 0..<3 { try folder.write(OSVText.record("A-\(number)"), as: "osv/sub/A-\(number).json") }
        let packed = Process()
        packed.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        packed.arguments = ["-m", "zipfile", "-c", folder.path.appending("all.zip").string, folder.path.appending("osv").string]
        try packed.run()
        packed.waitUntilExit()
        for name in ["osv", "all.zip"] {
            _ = try AdvisorySource(format: .osv, path: folder.path.appending(name), origin: "x").import(into: folder.index, at: .test)
            #expect(try folder.open().advisories(.pypi, "jinja2").map(\.id) == ["A-0", "A-1", "A-2"], "\(name)")
        }
    }

    @Test("Alpine's list is read as YAML and as JSON; version 0 affects nobody")
    func alpine() throws {
        let yaml = """
            distroversion: v3.19
            reponame: main
            packages:
              - pkg:
                  name: openssl
                  secfixes:
                    3.1.4-r5:
                      - CVE-2024-0727 XSA-9
                      - "CVE-2023-1 (+ a regression)"
                    0:
                      - CVE-2000-1
            """
        let json =
            #"{"distroversion":"v3.19","packages":[{"pkg":{"name":"openssl","secfixes":{"3.1.4-r5":["CVE-2024-0727 XSA-9","CVE-2023-1 (+ a regression)"],"0":["CVE-2000-1"]}}}]}"#
        for text in [yaml, json] {
            let folder = try AdvisoryFolder()
            try folder.add(.alpine, text, as: "main")
            let found = try folder.open().advisories(#require(AdvisoryScope("Alpine:v3.19")), "openssl")
            #expect(found.map(\.id) == ["CVE-2023-1", "CVE-2024-0727"])
            #expect(found.last?.aliases == ["XSA-9"])
            #expect(found.last?.verdict(on: VersionOrder.apk.version("3.1.4-r4")) == .affected(fixedBy: "3.1.4-r5"))
            #expect(found.last?.verdict(on: VersionOrder.apk.version("3.1.4-r5")) == .notAffected)
        }
    }

    @Test(
        "what is broken or hostile is refused whole, and what was there stays",
        arguments: [
            (.osv, "{"), (.osv, #"{"id":"X"}"#), (.osv, "[]"), (.osv, String(repeating: "[", count: 100_000)),
            (.osv, String(repeating: #"{"affected":"#, count: 50_000)), (.osv, OSVText.record(String(repeating: "A", count: 2_000))),
            (.osv, OSVText.record("X", "PyPI", String(repeating: "n", count: 1_000_000))), (.osv, "\u{0}\u{1}\u{2}"),
            (.osv, #"{"id":"X","modified":"2026-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"PyPI","name":"x"},"versions":[1]}]}"#),
            (.alpine, "distroversion: latest\npackages: []"), (.alpine, String(repeating: "[", count: 100_000)), (.alpine, "a: &a [b]\nb: *a"),
            (.alpine, String(repeating: "- ", count: 100_000)), (.debian, #"{"x":{"CVE-1":{"releases":{"bookworm":{"status":"resolved"}}}}}"#),
            (.debian, #"{"x":{"CVE-1":{"releases":{"bookworm":{"status":"perhaps"}}}}}"#), (.debian, "[]"),
        ] as [(AdvisorySource.Format, String)])
    func hostile(_ format: AdvisorySource.Format, _ text: String) throws {
        let folder = try AdvisoryFolder()
        try folder.add(.osv, OSVText.record("PYSEC-1"), as: "good.jsonl")
        let error = #expect(throws: (any Error).self) { try folder.add(format, text, as: "bad.jsonl") }
        #expect((error as? any ExplainedError)?.remedy != nil, "\(String(describing: error))")
        #expect(try folder.open().advisories(.pypi, "jinja2").count == 1)
    }

    @Test("a bomb in gzip is stopped long before its end")
    func bomb() throws {
        let folder = try AdvisoryFolder()
        let file = folder.path.appending("bomb.jsonl.gz")
        let shell = Process()
        shell.executableURL = URL(fileURLWithPath: "/bin/sh")
        shell.arguments = ["-c", "head -c 200000000 /dev/zero | gzip > \(file)"]
        try shell.run()
        shell.waitUntilExit()
        let error = #expect(throws: (any Error).self) { try AdvisorySource(format: .osv, path: file).import(into: folder.index, at: .test) }
        #expect((error as? any ExplainedError)?.code.hasSuffix("too-large") == true, "\(String(describing: error))")
    }

    @Test("an index that is damaged anywhere is an error, and never a clean result")
    func damage() throws {
        let folder = try AdvisoryFolder()
        try folder.add(.osv, OSVText.record("PYSEC-1"), as: "feed.jsonl")
        let whole = try Data(contentsOf: URL(fileURLWithPath: folder.index.string))
        // The last four bytes of the prefix mean nothing.
        for position in 0..<whole.count where !(28..<32).contains(position) {
            var bytes = whole
            bytes[position] ^= 0x41
            try folder.write(bytes, as: "index")
            #expect(throws: GateError.self, "byte \(position)") { try folder.open().advisories(.pypi, "jinja2") }
        }
        for count in [0, 1, 31, 32, whole.count - 1] {
            try folder.write(whole.prefix(count), as: "index")
            #expect(throws: GateError.self, "\(count) bytes") { try folder.open() }
        }
    }

    @Test("where nothing was imported, that is said")
    func absent() throws {
        let folder = try AdvisoryFolder()
        let error = #expect(throws: GateError.self) { try folder.open() }
        #expect(error?.code == "gates.no-advisories")
    }

    @Test(
        "published advisories are read whole",
        .enabled(if: PublishedData.exists("osv"), "SKIPPED: no published advisories; set INGOT_TEST_DATA to the folder that has osv/"),
        arguments: [
            ("osv/PyPI.jsonl.gz", AdvisorySource.Format.osv, 2_650), ("osv/crates.io.jsonl.gz", .osv, 1_193),
            ("alpine/v3.11-main.yaml", .alpine, 700),
        ])
    func published(_ name: String, _ format: AdvisorySource.Format, _ count: Int) throws {
        let folder = try AdvisoryFolder()
        let path = FilePath(PublishedData.folder.appending(path: name).path)
        let done = try AdvisorySource(format: format, path: path).import(into: folder.index, at: .test)
        #expect(done.source.advisories >= count, "\(done.source)")
        try folder.open().verify()
    }
}
