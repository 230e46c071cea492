import API
import Client
import Gates
import ImageBuild
import IngotModel
import SystemPackage

/// Runs the tests of a service with an image, and records how each went.
struct TestRun {
    let specification: ServiceSpecification
    let folder: FilePath
    let image: Digest
    let client: Client
    let options: GlobalOptions

    private var console: Console { options.console }

    /// - Throws: `CommandError` with fault `gate` when a test failed. The others have been run and recorded all the same.
    func run() async throws {
        guard !specification.tests.isEmpty else { return }
        let progress = console.progress()
        defer { progress.finish() }
        var failed: [(name: String, output: String)] = []
        for test in specification.tests {
            let id = "test \(test.name)"
            progress.start(id, id)
            let outcome = try await outcome(of: test, progress)
            progress.end(id, "\(id): \(outcome.ending)", colour: outcome.passed ? .green : .red)
            try await record(outcome, of: test)
            if !outcome.passed { failed.append((test.name, outcome.output)) }
        }
        guard let first = failed.first else { return }
        throw CommandError(
            "test-failed", "\(Words.count(failed.count, "test")) failed: \(failed.map(\.name).joined(separator: ", "))",
            remedy: "mend what it found, commit, and run `ingot up` again; nothing was deployed", fault: .gate,
            output: first.output.split(whereSeparator: \.isNewline).suffix(30).map { Terminal.safe(String($0)) })
    }

    private func record(_ outcome: TestOutcome, of test: TestSpecification) async throws {
        let evidence = TestEvidence(image: image, test: test.name, passed: outcome.passed, took: outcome.took, output: outcome.output)
        try await client.add(evidence, to: specification.service)
    }

    private func outcome(of test: TestSpecification, _ progress: Progress) async throws -> TestOutcome {
        switch test.kind {
        case .stage(let stage): try await stageOutcome(stage, deadline: test.deadline)
        case .command(let command): try await commandOutcome(command, deadline: test.deadline)
        }
    }

    /// A stage passes by building. That it can't be built for a reason of the machine's is no result of the test.
    private func stageOutcome(_ stage: String, deadline: Milliseconds) async throws -> TestOutcome {
        let build = ServiceBuild(specification: specification, folder: folder)
        let began = ContinuousClock.now
        do {
            let result = try await LocalBuild(options).builder.build(build.request(testing: stage, deadline: deadline))
            return TestOutcome(
                passed: true, took: result.duration, ending: result.isFromCache ? "passed before, with the same content" : "passed", output: "")
        } catch let error as BuildError where error.fault == .user {
            let took = Milliseconds(Int((ContinuousClock.now - began) / .milliseconds(1)))
            return TestOutcome(passed: false, took: took, ending: error.message, output: error.outputTail.joined(separator: "\n"))
        }
    }

    private func commandOutcome(_ command: [String], deadline: Milliseconds) async throws -> TestOutcome {
        let service = specification.service
        // Should this process be killed, the daemon ends the instance once the test could not be running any more.
        let lifetime = deadline + .minutes(1)
        let throwaway = try await client.startThrowaway(ThrowawayRequest(image: image, lifetime: lifetime), of: service)
        let result: Result<TestOutcome, any Error>
        do {
            result = .success(try await CommandTest(command: command, folder: folder, deadline: deadline).run(against: throwaway.url))
        } catch {
            result = .failure(error)
        }
        // Also when this task was cancelled: a task of its own is not.
        try await Task { try await client.endThrowaway(throwaway.id, of: service) }.value
        return try result.get()
    }
}
