public import IngotModel

/// What becomes of a request that is under way when the instance is told to end, and how long that takes.
public struct GracefulStopTest: Sendable {
    /// A path that takes a while to answer; `nil` to send half a request, and the rest after the instance was told.
    public var request: String?
    public var stopGrace: Milliseconds

    public init(request: String?, stopGrace: Milliseconds) {
        self.request = request
        self.stopGrace = stopGrace
    }

    /// How long the half of a request stays a half after the instance was told.
    static let hesitation = Duration.milliseconds(200)

    /// - Throws: what the bench throws.
    public func run(on bench: any TestBench) async throws -> TestOutcome {
        let began = ContinuousClock.now
        return try await bench.withInstance { instance in
            let (record, wasEarly) = try await record(of: instance, on: bench)
            let verdict = Self.verdict(on: record, wasEarly: wasEarly, grace: stopGrace)
            return TestOutcome(
                passed: verdict.passed, took: Milliseconds(ContinuousClock.now - began), ending: verdict.ending, remedy: verdict.remedy,
                details: TestDetails(stop: record))
        }
    }

    private func record(of instance: TestInstance, on bench: any TestBench) async throws -> (StopRecord, wasEarly: Bool) {
        // Not the readiness path: that is to answer 503 from then on.
        let path = request ?? "/"
        let underWay = try RequestUnderWay(url: instance.url, path: path, isHalfSent: request == nil)
        let (answer, told) = try await underWay.run(within: stopGrace + InstanceEnd.beyondGrace) {
            // Once a later connection is answered, this one has been taken up.
            _ = try await bench.hindrance(of: instance.id)
        } then: {
            let told = try await bench.end(instance.id)
            if request == nil { try await Task.sleep(for: Self.hesitation) }
            return told
        }
        guard let told else { return (StopRecord(request: "GET \(path)", fate: answer.fate), answer.wasEarly) }
        let ending = try await InstanceEnd.wait(for: instance.id, on: bench, within: stopGrace)
        let record = StopRecord(
            request: "GET \(path)", fate: answer.fate, status: answer.status, exitTook: ending.map { max(0, $0.endedAt - told) },
            ending: ending?.words, wasKilled: ending?.wasKilled ?? false)
        return (record, answer.wasEarly)
    }

    // MARK: Judging

    /// Pure.
    static func verdict(on record: StopRecord, wasEarly: Bool, grace: Milliseconds) -> TestVerdict {
        if record.fate == .refused { return .fail("the instance accepted no connection", remedy: "let the service listen at run.port") }
        if wasEarly {
            return .fail(
                "the request was answered before the instance was told to end, so nothing was shown",
                remedy: "name a path in `request` that takes a second or more to answer")
        }
        guard let took = record.exitTook, let ending = record.ending else {
            return .fail("it did not end: its grace is \(grace)", remedy: "let it end on its stop signal")
        }
        let fate = words(record)
        if record.wasKilled {
            let why =
                took < grace
                ? "no process of it listens to the stop signal, so it was killed at once" : "it did not end in its grace of \(grace)"
            return .fail(
                "\(why); \(fate)", remedy: "handle SIGTERM: stop accepting, answer what is under way, then exit; a shell in front must `exec` it")
        }
        let isGood = record.fate == .answered && record.status.map { $0 < 500 } ?? false
        guard isGood else {
            return .fail(
                "\(fate); it ended after \(took) with \(ending)",
                remedy: "on SIGTERM stop accepting, answer what is under way, then exit")
        }
        return .pass("\(fate); it ended after \(took) with \(ending)")
    }

    private static func words(_ record: StopRecord) -> String {
        switch record.fate {
        case .answered: "the request under way was answered (\(record.status.map(String.init) ?? "no status"))"
        case .cut: "the request under way was cut"
        case .refused: "the request was refused"
        case .unanswered: "the request under way got no answer"
        }
    }
}
