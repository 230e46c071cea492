/// How long a source that failed as a whole is left alone, so that neither it nor a deployment suffers from questions that lead nowhere. Pure.
struct SourcePause: Sendable {
    static let longest = Duration.seconds(30)

    private(set) var failures = 0
    private(set) var until: ContinuousClock.Instant?
    private(set) var error: SecretError?

    /// Why it is not asked now; `nil` when it is.
    func refusal(at now: ContinuousClock.Instant) -> SecretError? {
        guard let until, now < until else { return nil }
        return error
    }

    mutating func note(_ error: SecretError?, at now: ContinuousClock.Instant) {
        guard let error, error.isOfSource else { return self = SourcePause() }
        failures += 1
        self.error = error
        until = now + min(Self.longest, .seconds(1 << min(failures - 1, 10)))
    }
}
