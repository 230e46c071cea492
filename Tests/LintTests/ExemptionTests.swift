import ImageBuild
import IngotModel
import Manifest
import Testing

@testable import Lint

@Suite("Exemptions") struct ExemptionTests {
    private static func report(_ dockerfile: String, _ more: [LintExemption] = [], today: String = "2026-11-26") throws -> LintReport {
        let file = try DockerfileParser.parse(dockerfile, file: "Dockerfile")
        let comments = ExemptionComments.read(file.sourceLines, file: "Dockerfile", continuation: file.escape, mayTrail: false)
        return LintReport(
            subjects: ["Dockerfile"], findings: DockerfileSubject(file).findings(),
            exemptions: LintExemptions(comments + more, today: today, subjects: [.dockerfile]))
    }

    private static let good = "\nUSER 1\nCMD [\"a\"]"

    @Test("a comment lets through what the next instruction does, and nothing else") func comment() throws {
        let report = try Self.report(
            """
            # ingot: ignore ING-D002 the base is built here
            FROM debian:12
            # ingot: ignore ING-D003,ING-D004, ING-D005 the lists are in the base

            RUN true && \\
                # and then
                apt-get install -y curl && \\
                apt-get update
            USER 1
            EXPOSE 22
            """)
        #expect(report.findings.map(\.rule) == ["ING-D016"])
        #expect(Set(report.exempted.map(\.rule)) == ["ING-D002", "ING-D003", "ING-D004", "ING-D005"])
        #expect(report.exempted.first { $0.rule == "ING-D002" }?.exemption?.reason == "the base is built here")
    }

    @Test(
        "what is wrong with an exemption is a finding, and lets nothing through",
        arguments: [
            ("# ingot: ignore ING-D002", ["ING-X002", "ING-D002"]), ("# ingot: ignore", ["ING-X001", "ING-D002"]),
            ("# ingot: ignore ING-D999 reason", ["ING-X001", "ING-D002"]), ("# ingot: ignore ING-X001 reason", ["ING-X001", "ING-D002"]),
            ("# ingot: ignore ING-D016 reason", ["ING-D002", "ING-X004"]), ("# ingot: ignored ING-D002 reason", ["ING-D002"]),
            ("# ingot: ignore ING-D002 reason", []), ("#ingot: ignore ING-D002 reason", []),
            ("# ingot: ignore everything", ["ING-X001", "ING-D002"]),
        ] as [(String, [String])])
    func mistakes(comment: String, rules: [String]) throws {
        #expect(Set(try Self.report("\(comment)\nFROM debian:12\(Self.good)").findings.map(\.rule)) == Set(rules))
    }

    @Test("a section of ingot.yaml counts for every file until its last day") func manifest() throws {
        let text = "lint:\n  ignore:\n    - { id: ING-D002, reason: built here, until: 2026-11-26 }\n    - { id: ING-I011, reason: needed }\n"
        let list = LintExemptions.of(manifest: text, file: "ingot.yaml")
        #expect(list.map(\.location.line) == [3, 4])
        #expect(try Self.report("FROM debian:12\(Self.good)", list).findings == [])
        let late = try Self.report("FROM debian:12\(Self.good)", list, today: "2026-11-27")
        #expect(Set(late.findings.map(\.rule)) == ["ING-X003", "ING-D002"])
        // No image was looked at, so nobody knows whether the second is for nothing.
        #expect(!late.findings.contains { $0.rule == "ING-X004" })
    }

    @Test("mistakes in the section are told by the parser") func section() {
        let text = ManifestExample.good + "\nlint: { ignore: [{ id: ING-D002 }, { id: a, reason: b, until: soon }, { id: c, reason: d, who: e }] }"
        let diagnostics = Manifest.parse(text).diagnostics
        #expect(diagnostics.count == 3, "\(diagnostics)")
        #expect(LintExemptions.of(manifest: text, file: "ingot.yaml").map(\.id) == ["c"])
        #expect(Manifest.parse(ManifestExample.good + "\nlint: { ignore: [{ id: ING-D002, reason: x }] }").value != nil)
    }

    @Test("in ingot.yaml a comment may stand behind what it is about") func trailing() {
        let lines = [
            "run:", "  port: 80 # ingot: ignore ING-M001 a, b", "  egress: none#ingot: ignore ING-M002 x", "  # ingot: ignore ING-M003 y",
            "  root: allowed",
        ]
        let found = ExemptionComments.read(lines, file: "ingot.yaml", continuation: nil, mayTrail: true)
        #expect(found.map(\.id) == ["ING-M001", "ING-M003"])
        #expect(found.map(\.lines) == [2...2, 5...5])
        #expect(found[0].reason == "a b")
    }
}
