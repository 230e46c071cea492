import ImageBuild
import IngotModel
import Testing

@testable import Lint

@Suite("Rules over Dockerfiles") struct DockerfileRulesTests {
    @Test("a rule finds its bad example, and is silent about its good one", arguments: DockerfileExample.all + DockerfileExample.checks)
    func examples(_ example: DockerfileExample) throws {
        let bad = try example.findings(example.bad, hasIgnoreFile: example.hasIgnoreFile).filter { $0.rule == example.rule }
        #expect(!bad.isEmpty, "\(example.rule) does not find:\n\(example.bad)")
        #expect(bad.allSatisfy { $0.place.source?.file == "Dockerfile" })
        let good = try example.findings(example.good, hasIgnoreFile: example.hasIgnoreFile).filter { $0.rule == example.rule }
        #expect(good.isEmpty, "\(example.rule) finds \(good.map(\.message)) in:\n\(example.good)")
    }

    @Test("every rule has an example") func complete() {
        // COPY of what is ignored needs a context, and has its test with the builder.
        let rules = Set(LintCatalog.rules.filter { $0.subject == .dockerfile }.map(\.id)).subtracting(["ING-D121"])
        #expect(rules == Set((DockerfileExample.all + DockerfileExample.checks).map(\.rule)))
    }

    @Test("every check of the builder has an identifier") func checks() {
        #expect(Set(DockerfileChecks.names) == Set(BuildCheckRules.byName.keys))
    }

    @Test("a clean Dockerfile has nothing to be said of") func clean() throws {
        let text = """
            FROM python:3.11@sha256:\(String(repeating: "a", count: 64)) AS build
            WORKDIR /app
            RUN --mount=type=cache,target=/root/.cache pip install --require-hashes -r requirements.txt
            COPY src src

            FROM python:3.11@sha256:\(String(repeating: "a", count: 64))
            WORKDIR /app
            COPY --from=build --chown=10001:10001 /app /app
            USER 10001:10001
            EXPOSE 8080
            STOPSIGNAL SIGTERM
            ENTRYPOINT ["python3", "-m", "app"]
            """
        let subject = DockerfileSubject(try DockerfileParser.parse(text, file: "Dockerfile"))
        #expect(subject.findings() == [])
    }

    @Test("what stands in a stage that is thrown away is not in the image") func stages() throws {
        let text = "FROM debian:12 AS tools\nUSER root\nVOLUME /x\nFROM debian:12 AS run\nUSER 1\nFROM run AS test\nVOLUME /y\nFROM run"
        var subject = DockerfileSubject(try DockerfileParser.parse(text, file: "Dockerfile"))
        #expect(!subject.findings().contains { $0.rule == "ING-D027" || $0.rule == "ING-D015" })
        subject.target = "test"
        #expect(subject.findings().filter { $0.rule == "ING-D027" }.map(\.message) == ["VOLUME /y is expected to last"])
    }
}
