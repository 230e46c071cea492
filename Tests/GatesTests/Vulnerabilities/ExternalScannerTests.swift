import Foundation
import IngotModel
import SystemPackage
import Testing

@testable import Gates

@Suite("Scanners that others made") struct ExternalScannerTests {
    static let trivy = """
        {"SchemaVersion":2,"Metadata":{"OS":{"Family":"debian","Name":"12.4"}},"Results":[{"Target":"x (debian 12.4)","Class":"os-pkgs","Type":"debian",
        "Vulnerabilities":[{"VulnerabilityID":"CVE-2024-0727","PkgName":"openssl","InstalledVersion":"3.0.11-1","FixedVersion":"3.0.13-1~deb12u1","Severity":"HIGH",
        "Title":"denial of service","Layer":{"DiffID":"sha256:\(String(repeating: "b", count: 64))"}},
        {"VulnerabilityID":"CVE-2011-3374","PkgName":"apt","InstalledVersion":"2.6.1","Severity":"LOW"}]}]}
        """
    static let grype = """
        {"matches":[{"vulnerability":{"id":"GHSA-h5c8-rqwp-cp95","severity":"Medium","fix":{"versions":["3.1.3"],"state":"fixed"}},
        "relatedVulnerabilities":[{"id":"CVE-2024-22195"}],"artifact":{"name":"jinja2","version":"3.1.2","type":"python"}}],"distro":{"name":"debian","version":"12"}}
        """

    /// A program that prints the report into the file that it is told, as the real ones do.
    private func scanner(_ program: ExternalScanner.Program, _ folder: AdvisoryFolder, script: String, deadline: Milliseconds = .seconds(60)) throws
        -> ExternalScanner
    {
        let path = try folder.write("#!/bin/sh\n\(script)\n", as: program.rawValue)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path.string)
        return ExternalScanner(program, path: path.string, deadline: deadline)
    }

    private static let write = "while [ $# -gt 1 ]; do case $1 in --output|--file) out=$2;; esac; shift; done; "

    @Test("a report of Trivy or Grype passes through the same policy")
    func reports() async throws {
        let folder = try AdvisoryFolder()
        try folder.write(Self.trivy, as: "trivy.json")
        try folder.write(Self.grype, as: "grype.json")
        let trivy = try await scanner(.trivy, folder, script: Self.write + "cp \(folder.path)/trivy.json $out")
            .judge(BillOfMaterials.digest, archive: "x.tar", in: folder.path, policy: VulnerabilityPolicy(), at: .test)
        #expect(trivy.findings.map(\.id) == ["CVE-2024-0727", "CVE-2011-3374"])
        #expect(trivy.findings.map(\.decision.outcome) == [.fails, .belowThreshold] && !trivy.passes && trivy.scanner == "trivy")
        #expect(trivy.findings.first?.locations.count == 1)
        let policy = VulnerabilityPolicy(failAt: .medium)
        let script = "for a in \"$@\"; do last=$a; done; cp \(folder.path)/grype.json $last"
        let grype = try await scanner(.grype, folder, script: script)
            .judge(BillOfMaterials.digest, archive: "x.tar", in: folder.path, policy: policy, at: .test)
        #expect(grype.failures.map(\.ids) == [["CVE-2024-22195", "GHSA-h5c8-rqwp-cp95"]])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path.string).count == 4)
    }

    @Test(
        "a scanner that is absent, breaks, hangs or prints nonsense is a failed gate",
        arguments: [
            "exit 3", "kill -9 $$", "exit 0", write + "echo '{\"SchemaVersion\":2' > $out", write + "echo '[]' > $out",
            write + "echo '{\"SchemaVersion\":3,\"Results\":[{\"Target\":\"x\"}]}' > $out", "sleep 600",
        ])
    func broken(_ script: String) async throws {
        let folder = try AdvisoryFolder()
        let report = try await scanner(.trivy, folder, script: script, deadline: script.hasPrefix("sleep") ? 300 : .seconds(60))
            .judge(BillOfMaterials.digest, archive: "x.tar", in: folder.path, policy: VulnerabilityPolicy(), at: .test)
        #expect(!report.passes && report.unjudged.map(\.reason) == [.brokenScanner])
    }

    @Test("so is one that is not there, one that recognised nothing, and one that says the distribution has ended")
    func silent() async throws {
        let folder = try AdvisoryFolder()
        let absent = await ExternalScanner(.grype, path: "/nowhere/grype")
            .judge(BillOfMaterials.digest, archive: "x.tar", in: folder.path, policy: VulnerabilityPolicy(), at: .test)
        #expect(absent.unjudged.map(\.reason) == [.brokenScanner])
        func report(_ text: String) throws -> VulnerabilityReport {
            try ExternalScanner(.trivy).report(BillOfMaterials.digest, Array(text.utf8), VulnerabilityPolicy(), .test)
        }
        #expect(try report(#"{"SchemaVersion":2,"Results":[]}"#).unjudged.map(\.reason) == [.noPackages])
        let ended = #"{"SchemaVersion":2,"Metadata":{"OS":{"EOSL":true}},"Results":[{"Target":"x"}]}"#
        #expect(try report(ended).unjudged.map(\.reason) == [.endedDistribution])
    }
}
