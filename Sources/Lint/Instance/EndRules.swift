import IngotModel

/// What becomes of an instance that stops, hangs or dies.
enum EndRules {
    static let lostRequest = LintCheck<InstanceSubject>(
        LintRule(
            .instance, 6, .error, "Stopping loses a request",
            because: "Instances are stopped at every release: each time, somebody gets no answer.",
            fix: "At SIGTERM, stop accepting connections, finish what is under way, then exit.")
    ) { subject in
        guard let stop = subject.stop, stop.fate != .answered else { return [] }
        return [subject.hit("\(stop.request), under way when the instance was told to end, was \(stop.fate.rawValue)")]
    }

    static let killed = LintCheck<InstanceSubject>(
        LintRule(
            .instance, 7, .error, "The instance has to be killed",
            because: "It does not end at its stop signal, so every release waits for its grace to pass and then cuts what is under way.",
            fix: "Handle SIGTERM; in an entrypoint script start the service with `exec`, so that the signal reaches it.")
    ) { subject in
        guard let stop = subject.stop, stop.wasKilled || stop.exitTook == nil else { return [] }
        return [subject.hit(stop.exitTook.map { "it was killed after \($0)" } ?? "it did not end")]
    }

    static let readiness = LintCheck<InstanceSubject>(
        LintRule(
            .instance, 8, .error, "The readiness check does not tell the truth",
            because: "The router keeps sending requests to an instance that can't answer them.",
            fix: "Let the service itself answer `run.readiness.path`, not a process beside it or a file.")
    ) { subject in
        guard let record = subject.readiness else { return [] }
        return [
            record.whileFrozen == nil ? subject.hit("it said ready while the service stood still") : nil,
            record.afterEnd == nil ? subject.hit("it said ready after the service had ended") : nil,
        ].compactMap { $0 }
    }

    static let recovery = LintCheck<InstanceSubject>(
        LintRule(
            .instance, 9, .warning, "The instance does not get ready again",
            because: "After a short standstill, as when the machine is busy, it would be replaced although nothing is broken.",
            fix: "Look at what the service does when its connections have timed out: it should make new ones.")
    ) { subject in
        guard let record = subject.readiness, record.whileFrozen != nil, record.recoveryTook == nil else { return [] }
        return [subject.hit("it was not ready again in time after it had stood still")]
    }
}
