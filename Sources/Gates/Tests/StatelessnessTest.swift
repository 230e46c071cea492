import IngotModel

/// Whether the service keeps what matters outside its instances: a command passes against one, and again against a fresh one in its place,
/// while what it needs stays.
///
/// The first instance has a root that it can write to, so that everything is recorded which a read-only one would refuse. The second is as
/// in a release.
public struct StatelessnessTest: Sendable {
    public var command: CommandTest
    public init(_ command: CommandTest) { self.command = command }

    /// - Throws: as `CommandTest.run`.
    public func run(on bench: any TestBench) async throws -> TestOutcome {
        let first = try await round(1, on: bench, recordsWrites: true)
        let second = first.failure == nil ? try await round(2, on: bench, recordsWrites: false) : nil
        return Self.judged(first, second)
    }

    /// What one round showed.
    struct Round: Hashable, Sendable {
        var command: CommandOutcome
        /// How the instance had ended when the command was done; `nil` when it had not.
        var instance: InstanceEnding?
        var writes: WriteRecord?

        var failure: String? {
            if let instance { return "the instance ended during it (\(instance.words))" }
            return command.passed ? nil : CommandTest.ending(of: command)
        }
    }

    private func round(_ number: Int, on bench: any TestBench, recordsWrites: Bool) async throws -> Round {
        try await bench.withInstance(recordsWrites: recordsWrites) { instance in
            let variables = bench.variables.merging(["INGOT_ROUND": "\(number)"]) { $1 }
            let outcome = try await command.run(against: instance.url, variables: variables)
            let ending = try await bench.ending(of: instance.id)
            let writes = recordsWrites && ending == nil ? try await bench.writes(of: instance.id) : nil
            return Round(command: outcome, instance: ending, writes: writes)
        }
    }

    // MARK: Judging

    /// Pure.
    static func judged(_ first: Round, _ second: Round?) -> TestOutcome {
        let verdict = verdict(first, second)
        let rounds = [first] + (second.map { [$0] } ?? [])
        let output = rounds.enumerated().map { "against instance \($0.offset + 1):\n\($0.element.command.output)" }.joined(separator: "\n")
        return TestOutcome(
            passed: verdict.passed, took: rounds.reduce(0) { $0 + $1.command.took }, ending: verdict.ending, output: output,
            remedy: verdict.remedy, details: first.writes.map { TestDetails(writes: $0) })
    }

    private static func verdict(_ first: Round, _ second: Round?) -> TestVerdict {
        if let failure = first.failure { return .fail("it failed before the instance was replaced: \(failure)") }
        guard let second else { return .fail("it was not run against a second instance") }
        let written = first.writes.map(words) ?? "what it wrote is not known"
        if let failure = second.failure {
            return .fail(
                "it passed, and failed after the instance was replaced by a fresh one: \(failure); \(written)",
                remedy: "keep what must outlive an instance outside of it: in a database, in object storage, or with the client")
        }
        return .pass("it passed against an instance and against a fresh one in its place; \(written)")
    }

    private static func words(_ writes: WriteRecord) -> String {
        let refused = writes.paths.filter { $0.place == .root }
        let allowed = writes.paths.count - refused.count + writes.omittedPaths
        let names = refused.isEmpty ? "" : " (\(refused.prefix(3).map(\.path).joined(separator: ", "))\(refused.count > 3 ? ", …" : ""))"
        return "it wrote \(allowed) paths where it may and tried \(refused.count) where a release can't\(names)"
    }
}
