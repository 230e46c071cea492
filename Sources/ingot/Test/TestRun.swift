import API
import Client
import Gates
import ImageBuild
import ImageStore
import IngotModel
import SystemPackage

/// Runs tests of a service with an image, and records how each went.
struct TestRun {
    let specification: ServiceSpecification
    let service: ServiceOptions
    let image: Digest
    let client: Client
    let options: GlobalOptions

    private var console: Console { options.console }
    private var folder: FilePath { service.folder }

    /// Runs all that are given, also when one fails.
    func run(_ tests: [TestSpecification]) async throws -> [TestResult] {
        let progress = console.progress()
        defer { progress.finish() }
        var results: [TestResult] = []
        for test in tests {
            let id = "test \(test.name)"
            progress.start(id, id)
            let outcome = try await tried(test)
            progress.end(id, Terminal.safe("\(id): \(outcome.ending)"), colour: outcome.passed ? .green : .red)
            try await record(outcome, of: test)
            results.append(TestResult(name: test.name, outcome: outcome))
        }
        if !results.isEmpty { try await attest() }
        return results
    }

    /// Puts a statement beside the image: all of this manifest's tests that are on record for it.
    private func attest() async throws {
        let names = Set(specification.tests.map(\.name))
        let known = try await client.evidence(for: image, of: specification.service).filter { names.contains($0.test) }
        let statement = try TestStatement.make(
            about: image, of: specification.service, results: Dictionary(known.map { ($0.test, $0.passed) }, uniquingKeysWith: { $1 }),
            manifest: Array((try LocalFile.read(service.manifestPath, limit: .mebibytes(2)) ?? "").utf8))
        try options.store().addReferrer(
            to: image, artifactType: Statement.payloadType, content: statement.encode(),
            annotations: ["in-toto.io/predicate-type": statement.predicateType])
    }

    private func record(_ outcome: TestOutcome, of test: TestSpecification) async throws {
        try await client.add(outcome.evidence(of: test.name, with: image), to: specification.service)
    }

    /// Runs one. That it can't be run goes on record too: else what it said an earlier time would stay in force.
    private func tried(_ test: TestSpecification) async throws -> TestOutcome {
        let began = ContinuousClock.now
        do {
            return try await outcome(of: test)
        } catch let error where !(error is CancellationError || Task.isCancelled) {
            let took = Milliseconds(Int((ContinuousClock.now - began) / .milliseconds(1)))
            // Should this fail as well, the first error says more.
            try? await record(.notRun(error, took: took), of: test)
            throw error
        }
    }

    private func outcome(of test: TestSpecification) async throws -> TestOutcome {
        let began = ContinuousClock.now
        do {
            switch test.kind {
            case .stage(let stage): return try await stageOutcome(stage, deadline: test.deadline)
            case .command(let words):
                let command = CommandTest(command: words, folder: folder, deadline: test.deadline, report: test.report)
                return try await needs(of: test) { try await command.run(on: $0) }
            case .check(let check): return try await outcome(of: check, test)
            }
        } catch let hindrance as TestInstanceNotReady {
            let took = Milliseconds(Int((ContinuousClock.now - began) / .milliseconds(1)))
            return TestOutcome(passed: false, took: took, ending: hindrance.why, remedy: hindrance.remedy)
        }
    }

    private func outcome(of check: TestCheck, _ test: TestSpecification) async throws -> TestOutcome {
        let run = specification.run
        switch check {
        case .statelessness(let words):
            let statelessness = StatelessnessTest(CommandTest(command: words, folder: folder, deadline: test.deadline))
            return try await needs(of: test) { try await statelessness.run(on: $0) }
        case .gracefulStop(let request):
            let stop = GracefulStopTest(request: request, stopGrace: run.stopGrace)
            return try await needs(of: test) { try await stop.run(on: $0) }
        case .readiness:
            return try await needs(of: test) { try await ReadinessTest(run.readiness).run(on: $0, stopGrace: run.stopGrace) }
        }
    }

    /// A stage passes by building. That it can't be built for a reason of the machine's is no result of the test.
    private func stageOutcome(_ stage: String, deadline: Milliseconds) async throws -> TestOutcome {
        let build = ServiceBuild(specification: specification, folder: folder)
        let began = ContinuousClock.now
        do {
            let result = try await LocalBuild(options).builder.build(build.request(testing: stage, deadline: deadline))
            return TestOutcome(
                passed: true, took: result.duration, ending: result.isFromCache ? "passed before, with the same content" : "passed")
        } catch let error as BuildError where error.fault == .user {
            let took = Milliseconds(Int((ContinuousClock.now - began) / .milliseconds(1)))
            return TestOutcome(passed: false, took: took, ending: error.message, output: error.outputTail.joined(separator: "\n"))
        }
    }

    // MARK: What a test needs

    /// Starts what a test needs, one after another, gives the test a bench with it, and ends it, whatever comes.
    private func needs(of test: TestSpecification, _ body: (ThrowawayBench) async throws -> TestOutcome) async throws -> TestOutcome {
        let lifetime = TestLifetime.of(test, run: specification.run)
        var bench = ThrowawayBench(client: client, service: specification.service, image: image, lifetime: lifetime)
        let result: Result<TestOutcome, any Error>
        do {
            for need in test.needs { try await bench.add(need, image: try options.store().digest(of: need.image)) }
            result = .success(try await body(bench))
        } catch {
            result = .failure(error)
        }
        // Also when this task was cancelled: a task of its own is not.
        let started = bench
        let ended = await Task { try await started.endNeeds() }.result
        let outcome = try result.get()
        // What the test found must not be hidden by what could not be ended after it.
        if outcome.passed { try ended.get() }
        return outcome
    }
}

typealias TestResult = JUnitWriter.Result

extension [TestResult] {
    /// - Throws: `CommandError` with fault `gate` when a test failed.
    func check(again command: String) throws {
        let failed = filter { !$0.outcome.passed }
        guard let first = failed.first else { return }
        let why = failed.map { "\($0.name): \($0.outcome.ending)" }
        let cases = first.outcome.details?.cases?.failures.prefix(10).map { "\($0.name): \($0.message)" } ?? []
        let output = first.outcome.output.split(whereSeparator: \.isNewline).suffix(30).map(String.init)
        throw CommandError(
            "test-failed", "\(Words.count(failed.count, "test")) failed: \(failed.map(\.name).joined(separator: ", "))",
            remedy: first.outcome.remedy ?? "mend what it found, commit, and run `\(command)` again; `ingot test show` has all that was said",
            fault: .gate, cause: TestFailures(description: Terminal.safe(why.joined(separator: "; "))),
            output: (cases + output).flatMap { $0.split(whereSeparator: \.isNewline) }.map { Terminal.safe(String($0)) })
    }
}

/// Why each test failed, as the cause of an error.
private struct TestFailures: Error, CustomStringConvertible {
    var description: String
}
