/// How often something is tried again, and after what time.
public struct RetryPolicy: Hashable, Sendable {
    /// Tries in a row that got nothing further, the first among them.
    public var attempts = 5
    /// Tries in all, also when each got something further.
    public var most = 100
    public var first = Duration.milliseconds(200)
    public var longest = Duration.seconds(10)
    /// What a registry may ask for by `Retry-After`.
    public var longestAsked = Duration.seconds(60)

    public init() {}
}

/// The tries of one thing.
struct Retries: Sendable {
    private let policy: RetryPolicy
    private var inVain = 0
    private var all = 0

    init(_ policy: RetryPolicy) { self.policy = policy }

    /// One more try failed.
    ///
    /// - Parameters:
    ///   - progressed: whether it got something further all the same.
    ///   - jitter: from 0 to 1, so that those who failed together do not come back together.
    /// - Returns: how long to wait before the next one; `nil` to give up.
    mutating func failed(progressed: Bool, retryAfter: Duration?, jitter: Double) -> Duration? {
        inVain = progressed ? 1 : inVain + 1
        all += 1
        guard inVain < policy.attempts, all < policy.most else { return nil }
        if let retryAfter { return retryAfter <= policy.longestAsked ? retryAfter : nil }
        let doubled = policy.first * (1 << min(inVain - 1, 16))
        return min(doubled, policy.longest) * (0.5 + jitter / 2)
    }
}

extension RetryPolicy {
    /// Carries something out until it succeeds, fails for good, or was tried often enough.
    ///
    /// - Parameter progress: grows with what was got so far.
    func run<Result>(
        isolation: isolated (any Actor)? = #isolation, progress: () -> Int = { 0 }, _ body: () async throws -> sending Result
    ) async throws -> sending Result {
        var retries = Retries(self)
        while true {
            let before = progress()
            do { return try await body() } catch {
                guard let failure = error as? RegistryError, failure.isTransient, !Task.isCancelled,
                    let wait = retries.failed(
                        progressed: progress() > before, retryAfter: failure.retryAfter, jitter: Double.random(in: 0...1))
                else { throw error }
                try await Task.sleep(for: wait)
            }
        }
    }
}

/// An end to what waits for others.
func within<Result: Sendable>(
    _ duration: Duration, _ what: String, _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Result?.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: duration)
            return nil
        }
        defer { group.cancelAll() }
        guard let result = try await group.next() ?? nil else { throw RegistryError.timedOut(what, duration) }
        return result
    }
}

/// Carries something out for each item, some at the same time. The first failure ends all.
func forEach<Item: Sendable>(_ items: [Item], atOnce most: Int, _ body: @escaping @Sendable (Item) async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        var rest = items[...]
        for item in rest.prefix(most) { group.addTask { try await body(item) } }
        rest = rest.dropFirst(most)
        while try await group.next() != nil {
            guard let item = rest.popFirst() else { continue }
            group.addTask { try await body(item) }
        }
    }
}
