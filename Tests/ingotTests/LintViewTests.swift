import API
import Foundation
import Glibc
import IngotModel
import Lint
import Manifest
import Testing

@testable import ingot

@Suite("What `ingot lint` and `ingot assess` show") struct LintViewTests {
    /// A folder with files, gone after the body.
    private static func with(_ files: [String: String], _ body: (String) throws -> Void) throws {
        let folder = "/tmp/ingot-lint-view-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for (name, text) in files {
            let file = URL(filePath: "\(folder)/\(name)")
            try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        try body(folder)
    }

    private static var options: GlobalOptions { .local(root: "/tmp/ingot-lint-view-none") }

    private static let manifest = "service: shop\nimage: { dockerfile: deploy/Dockerfile }\nrun: { port: 80 }\nenvironments: { dev: {} }\n"

    @Test("a finding has its place, its line with a caret, and what to do") func shown() throws {
        try Self.with(["ingot.yaml": Self.manifest, "deploy/Dockerfile": "FROM scratch\nEXPOSE 80 22\nUSER 1\nCMD [\"a\"]\n"]) { folder in
            let sources = try LintSources(folder, Self.options, isNeeded: true)
            let report = LintReport(subjects: sources.names, findings: sources.findings(), exemptions: sources.exemptions)
            let lines = LintView(value: report, sources: sources.texts).lines(.plain)
            #expect(
                Array(lines.prefix(4)) == [
                    "\(folder)/deploy/Dockerfile:2:11: error: port 22 is exposed [ING-D016]", "  EXPOSE 80 22", "            ^",
                    "  to do: Leave it out. `ingot logs` shows what an instance says; a change is a commit and a release.",
                ])
            #expect(lines.last == "1 error, 2 warnings, 2 notes")
            #expect(LintCommand.Threshold.error.isReached(by: report.worst))
            #expect(!LintCommand.Threshold.never.isReached(by: report.worst))
            #expect(!LintCommand.Threshold.note.isReached(by: nil))
        }
    }

    @Test("a Dockerfile alone is looked at alone") func alone() throws {
        try Self.with(["ingot.yaml": "service: [", "Dockerfile": "FROM scratch\nUSER 1\nCMD [\"a\"]\n"]) { folder in
            let sources = try LintSources("\(folder)/Dockerfile", Self.options, isNeeded: true)
            #expect(sources.findings() == [])
            #expect(LintView(value: LintReport(subjects: sources.names, findings: [])).lines(.plain) == ["nothing found in \(folder)/Dockerfile"])
        }
    }

    @Test("a file with mistakes, or none at all, is no clean file") func mistakes() throws {
        try Self.with(["ingot.yaml": "service: [", "a/Dockerfile": "FORM x\n", "b/ingot.yaml": Self.manifest, "c/x": ""]) { folder in
            for path in ["", "/a", "/b", "/c", "/none"] {
                #expect(throws: (any Error).self, "\(path)") { try LintSources(folder + path, Self.options, isNeeded: true) }
            }
        }
    }

    @Test("a script that the image starts is read from the context, and no link is followed") func context() throws {
        let files = [
            "Dockerfile": "FROM scratch\nCOPY start.sh link.sh /\nUSER 1\nENTRYPOINT [\"/start.sh\"]\n", "start.sh": "#!/bin/sh\ngit pull\n",
        ]
        try Self.with(files) { folder in
            #expect(try LintSources(folder, Self.options, isNeeded: true).findings().contains { $0.rule == "ING-D020" })
            unlink("\(folder)/start.sh")
            symlink("\(folder)/other.sh", "\(folder)/start.sh")
            try Data("#!/bin/sh\ngit pull\n".utf8).write(to: URL(filePath: "\(folder)/other.sh"))
            #expect(try !LintSources(folder, Self.options, isNeeded: true).findings().contains { $0.rule == "ING-D020" })
        }
    }

    @Test("an assessment has its areas, its level, and what is missing for the next") func assessment() {
        var facts = AssessmentFacts(service: ServiceName(uncheckedName: "shop"), now: Timestamp(secondsSince1970: 0), hasReadinessPath: false)
        facts.files = .init(commit: String(repeating: "c", count: 40), committedAt: Timestamp(secondsSince1970: 0), strays: [])
        facts.unknowns = ["the daemon is away"]
        let lines = AssessmentView(value: Assessment(facts)).lines(.plain)
        #expect(lines.contains("INFRASTRUCTURE"))
        #expect(lines.contains("  yes  everything is in version control: ingot.yaml and what it names are in commit cccccccccccc (1970-01-01)"))
        #expect(lines.contains("not known: the daemon is away"))
        #expect(lines.suffix(2) == ["level 1 of 5, by hand", "for level 2: images are built from commits"])
    }

    private static func run(_ test: String, at: Timestamp?, _ fate: StopRecord.Fate) throws -> TestEvidence {
        TestEvidence(
            image: try #require(Digest(hex: String(repeating: "a", count: 64))), test: test, passed: true, took: 1, output: "",
            details: TestDetails(stop: StopRecord(request: "GET /", fate: fate)), at: at)
    }

    @Test("tests come by their time, not by their name, and those that ingot.yaml has not do not count") func tests() throws {
        let runs = try [
            Self.run("a", at: Timestamp(secondsSince1970: 9), .answered), Self.run("b", at: Timestamp(secondsSince1970: 5), .refused),
            Self.run("c", at: nil, .cut),
        ]
        #expect(LintedImage.details(runs).compactMap(\.stop?.fate) == [.cut, .refused, .answered])
        let text = Self.manifest + "test: [{ name: b, check: graceful-stop }]\n"
        let specification = try #require(Manifest.parse(text).value, "\(Manifest.parse(text).diagnostics)")
        #expect(AssessedService.counted(runs, of: specification).map(\.test) == ["b"])
    }
}
