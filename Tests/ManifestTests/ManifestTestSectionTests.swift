import IngotModel
import Testing

@testable import Manifest

@Suite("The section 'test'")
struct ManifestTestSectionTests {
    private func parse(_ test: String) -> Parsed<ServiceSpecification> {
        Manifest.parse("service: shop\nrun: { port: 80 }\nenvironments: { dev: }\ntest:\n  - { \(test) }\n")
    }

    @Test("a command with what it needs and a report")
    func command() throws {
        let parsed = parse(
            "name: smoke, run: [./smoke.sh], report: 'results/*.xml', needs: [{ image: redis:7, as: redis, port: 6379, environment: { A: b } }]")
        #expect(parsed.diagnostics.isEmpty, "\(parsed.diagnostics)")
        let test = try #require(parsed.value?.tests.first)
        #expect(test.kind == .command(["./smoke.sh"]))
        #expect(test.report == "results/*.xml")
        #expect(test.needs == [TestNeed(image: "redis:7", name: "redis", port: 6_379, environment: ["A": "b"])])
    }

    @Test(
        "a test of Ingot's own",
        arguments: [
            ("check: statelessness, run: [./smoke.sh, twice]", TestCheck.statelessness(command: ["./smoke.sh", "twice"])),
            ("check: graceful-stop", .gracefulStop(request: nil)), ("check: graceful-stop, request: /slow", .gracefulStop(request: "/slow")),
            ("check: readiness", .readiness),
        ])
    func check(text: String, check: TestCheck) throws {
        let parsed = parse("name: own, \(text)")
        #expect(parsed.diagnostics.isEmpty, "\(parsed.diagnostics)")
        #expect(parsed.value?.tests.first?.kind == .check(check))
    }

    @Test(
        "what makes no sense is told",
        arguments: [
            ("check: statelessness", "has no 'run'"), ("check: readines", "did you mean 'readiness'?"),
            ("check: readiness, run: [a]", "'run' has nothing to do in 'check: readiness'"),
            ("check: graceful-stop, deadline: 1s", "'deadline' has nothing to do in 'check: graceful-stop'"),
            ("run: [a], deadline: 61m", "expected a duration from 1s to 1h"),
            ("check: statelessness, run: [a], deadline: 31m", "expected a duration from 1s to 30m"),
            ("check: readiness, stage: a", "'stage' and 'check' are two tests"),
            ("check: readiness, request: /a", "'request' belongs to 'check: graceful-stop'"),
            ("run: [a], request: /a", "'request' belongs to 'check: graceful-stop'"),
            ("check: statelessness, run: [a], report: a.xml", "'report' belongs to a test that is a command"),
            ("stage: a, needs: []", "'needs' belongs to 'run'"), ("run: [a], report: ../a.xml", "below the folder of this file"),
            ("run: [a], report: /a.xml", "below the folder of this file"),
            ("run: [a], needs: [{ image: a, as: a, port: 1 }, { image: b, as: a, port: 1 }]", "two needs are called 'a'"),
            ("run: [a], needs: [{ image: a, as: A_B, port: 1 }]", "a name for the hosts file"),
            ("run: [a], needs: [{ image: a, as: localhost, port: 1 }]", "a name for the hosts file"),
            ("run: [a], needs: [{ image: a, as: a }]", "has no 'port'"),
            ("run: [a], needs: [{ image: a, as: a, port: 1, environment: { 1A: b } }]", "a variable's name"),
        ])
    func mistakes(text: String, says: String) {
        let parsed = parse("name: own, \(text)")
        #expect(parsed.value == nil)
        #expect(parsed.diagnostics.contains { $0.description.contains(says) }, "\(parsed.diagnostics)")
    }
}
