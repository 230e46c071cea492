public import IngotModel

/// Whether the readiness check notices when it should: that the service hangs, and that it has ended.
public struct ReadinessTest: Sendable {
    public var readiness: Readiness
    public init(_ readiness: Readiness) { self.readiness = readiness }

    /// How long the service may take to be ready again once it goes on, beside the check's own timeout.
    static let recovery = Milliseconds.seconds(10)
    private static let pause = Duration.milliseconds(20)

    /// - Throws: what the bench throws.
    public func run(on bench: any TestBench, stopGrace: Milliseconds) async throws -> TestOutcome {
        let began = ContinuousClock.now
        return try await bench.withInstance { instance in
            try await bench.setFrozen(true, instance.id)
            let asked = ContinuousClock.now
            let frozen = try await bench.hindrance(of: instance.id)
            let answerTook = Milliseconds(ContinuousClock.now - asked)
            try await bench.setFrozen(false, instance.id)
            let recovery = try await recovery(of: instance.id, on: bench)
            try await bench.end(instance.id)
            let ending = try await InstanceEnd.wait(for: instance.id, on: bench, within: stopGrace)
            let record = ReadinessRecord(
                whileFrozen: frozen, frozenAnswerTook: answerTook, recoveryTook: recovery, afterEnd: try await bench.hindrance(of: instance.id))
            let verdict = Self.verdict(on: record, hasEnded: ending != nil, readiness)
            return TestOutcome(
                passed: verdict.passed, took: Milliseconds(ContinuousClock.now - began), ending: verdict.ending, remedy: verdict.remedy,
                details: TestDetails(readiness: record))
        }
    }

    private func recovery(of instance: InstanceID, on bench: any TestBench) async throws -> Milliseconds? {
        let began = ContinuousClock.now
        while ContinuousClock.now - began < (readiness.timeout + Self.recovery).duration {
            if try await bench.hindrance(of: instance) == nil { return Milliseconds(ContinuousClock.now - began) }
            try await Task.sleep(for: Self.pause)
        }
        return nil
    }

    /// Pure.
    static func verdict(on record: ReadinessRecord, hasEnded: Bool, _ readiness: Readiness) -> TestVerdict {
        guard record.whileFrozen != nil else {
            guard readiness.path != nil else {
                return .fail(
                    "a service that hangs still counts as ready: the check is a TCP connection, which the kernel accepts in its stead",
                    remedy: "give the service a path that answers when it can do its work, and name it in run.readiness.path")
            }
            return .fail(
                "a service that hangs still counts as ready: something else answers in its stead",
                remedy: "let run.port be the service's own port")
        }
        guard let recovery = record.recoveryTook else {
            return .fail(
                "it was not ready again \(readiness.timeout + Self.recovery) after it had hung for a moment",
                remedy: "let the service get ready by itself when it can work again; an instance that stays unready is replaced")
        }
        guard hasEnded, record.afterEnd != nil else {
            return .fail("it still counts as ready after it was told to end", remedy: "see what else listens at run.port")
        }
        return .pass(
            "a service that hangs is seen in \(record.frozenAnswerTook), one that goes on is ready in \(recovery), one that has ended is not ready")
    }
}
