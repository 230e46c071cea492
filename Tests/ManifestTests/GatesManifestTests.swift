// swift-format-ignore-file: NeverForceUnwrap

import IngotModel
import Testing

@testable import Manifest

@Suite("gates in ingot.yaml") struct GatesManifestTests {
    private func parse(_ gates: String) -> Parsed<ServiceSpecification> {
        Manifest.parse("service: shop\nrun: { port: 80 }\nenvironments: { dev: {} }\n\(gates)")
    }

    @Test("all of them are read")
    func whole() throws {
        let parsed = parse(
            """
            gates:
              size: { fail-at: 500MiB }
              vulnerabilities:
                fail-at: medium
                unfixed: count
                scanner: trivy
                advisories-maximum-age: 3d
                exceptions:
                  - { id: CVE-2026-0001, package: openssl, until: 2027-01-01, reason: not reachable }
                  - { id: CVE-2026-0002, until: 2027-01-01, reason: not reachable }
              secrets:
                exceptions: [{ id: private-key, path: "/etc/ssl/private/*", until: 2027-01-01, reason: made for tests }]
            """)
        let until = CalendarDate(text: "2027-01-01")!
        #expect(parsed.diagnostics.isEmpty)
        #expect(
            parsed.value?.gates
                == GatePolicy(
                    largestSize: .mebibytes(500),
                    vulnerabilities: VulnerabilityPolicy(
                        failAt: .medium, unfixed: .count, scanner: .trivy, maximumAge: .seconds(3 * 86_400),
                        exceptions: [
                            .init(id: "CVE-2026-0001", package: "openssl", until: until, reason: "not reachable"),
                            .init(id: "CVE-2026-0002", until: until, reason: "not reachable"),
                        ]),
                    secretExceptions: [
                        SecretException(id: "private-key", path: "/etc/ssl/private/*", reason: "made for tests", until: until)
                    ]))
    }

    @Test("the section of vulnerabilities sets the gate, with its defaults; without it there is none, and that is said")
    func defaults() throws {
        let set = try #require(parse("gates: { vulnerabilities: {} }").value).gates
        #expect(set.vulnerabilities == VulnerabilityPolicy() && set.gates == [.secrets, .vulnerabilities] && set.notices.isEmpty)
        let unset = try #require(parse("").value).gates
        #expect(unset.vulnerabilities == nil && unset.gates == [.secrets] && unset.notices.count == 1)
    }

    @Test(
        "a mistake is told at its place, and opens no gate",
        arguments: [
            ("vulnerabilities: { fail-at: severe }", "'gates.vulnerabilities.fail-at' is 'severe'; expected one of low, medium, high, critical"),
            ("vulnerabilities: { scanner: snyk }", "'gates.vulnerabilities.scanner' is 'snyk'; expected one of ingot, trivy, grype"),
            (
                "vulnerabilities: { advisories-maximum-age: 5s }",
                "'gates.vulnerabilities.advisories-maximum-age' is '5s'; expected a duration from 1h"
            ),
            ("vulnerabilities: { exceptions: [{ id: X, reason: y }] }", "'gates.vulnerabilities.exceptions[]' has no 'until'"),
            (
                "vulnerabilities: { exceptions: [{ id: X, until: soon, reason: y }] }",
                "'gates.vulnerabilities.exceptions[].until' is 'soon'; expected a date"
            ),
            (
                "vulnerabilities: { exceptions: [{ id: X, package: [], until: 2027-01-01, reason: y }] }",
                "'gates.vulnerabilities.exceptions[].package' is a list"
            ),
            ("secrets: { exceptions: [{ id: X, until: 2027-01-01, reason: y }] }", "'gates.secrets.exceptions[]' has no 'path'"),
            ("secrets: off", "'gates.secrets' is the text 'off'; expected keys with values"),
        ])
    func mistakes(_ text: String, _ says: String) {
        let parsed = parse("gates: { \(text) }")
        #expect(parsed.value == nil)
        #expect(parsed.diagnostics.contains { $0.severity == .error && $0.message.contains(says) }, "\(parsed.diagnostics)")
    }
}
