/// What a rollout did to the requests that were served meanwhile, as the router counted them.
public struct RolloutProof: Hashable, Sendable, Codable {
    /// For each release that served during the rollout.
    public var releases: [ReleaseTraffic]
    /// From the decision (the deployment was accepted) until the split had moved.
    public var decisionToSwitch: Milliseconds?
    /// From the decision to move traffic until the last request was handed to the release that lost it.
    public var switchToLastOldRequest: Milliseconds?
    /// The fewest healthy instances that the split pointed at, at any time during the rollout.
    public var leastHealthy: Int?

    public init(
        releases: [ReleaseTraffic] = [], decisionToSwitch: Milliseconds? = nil, switchToLastOldRequest: Milliseconds? = nil,
        leastHealthy: Int? = nil
    ) {
        self.releases = releases
        self.decisionToSwitch = decisionToSwitch
        self.switchToLastOldRequest = switchToLastOldRequest
        self.leastHealthy = leastHealthy
    }
}

/// The requests of one release, counted since its fleet was first known to the router.
public struct ReleaseTraffic: Hashable, Sendable, Codable {
    public var release: ReleaseNumber
    public var served: TrafficCount
    public init(release: ReleaseNumber, served: TrafficCount) {
        self.release = release
        self.served = served
    }
}

/// Counts of requests by the class of their status, and what became of those that got none.
///
/// Counters only grow while the router lives; `-` gives what came between two readings, and treats a
/// counter that fell as one that began again.
public struct TrafficCount: Hashable, Sendable, Codable {
    public var informational = 0
    public var successful = 0
    public var redirected = 0
    public var clientErrors = 0
    public var serverErrors = 0
    /// Requests that got no answer from an instance: no connection, a connection that broke.
    public var unanswered = 0
    /// Requests sent again to another instance, with the user seeing nothing of it.
    public var retried = 0
    /// Requests that were still running when their drain deadline passed.
    public var cut = 0
    /// Streams that were closed because the time to drain them had passed.
    public var streamsClosed = 0
    /// The times to the answers' heads, counted; what the percentiles are computed from.
    public var latencies = LatencyHistogram()
    /// Response times in milliseconds: median and 99th percentile of the recent ones; `nil` when none was seen.
    public var latencyP50Milliseconds: Double?
    public var latencyP99Milliseconds: Double?

    public init() {}

    public var requests: Int { informational + successful + redirected + clientErrors + serverErrors + unanswered }
    /// What the user of the service saw as broken.
    public var failed: Int { serverErrors + unanswered + cut }

    public static func + (left: Self, right: Self) -> Self { combine(left, right, +) }

    public static func - (left: Self, right: Self) -> Self {
        combine(left, right) { later, earlier in later >= earlier ? later - earlier : later }
    }

    private static func combine(_ left: Self, _ right: Self, _ operation: (Int, Int) -> Int) -> Self {
        var result = left
        for counter in [
            \Self.informational, \.successful, \.redirected, \.clientErrors, \.serverErrors, \.unanswered, \.retried, \.cut, \.streamsClosed,
        ] as [WritableKeyPath<Self, Int>] {
            result[keyPath: counter] = operation(left[keyPath: counter], right[keyPath: counter])
        }
        result.latencies = LatencyHistogram.combine(left.latencies, right.latencies, operation)
        result.latencyP50Milliseconds = left.latencyP50Milliseconds ?? right.latencyP50Milliseconds
        result.latencyP99Milliseconds = left.latencyP99Milliseconds ?? right.latencyP99Milliseconds
        return result
    }
}

extension TrafficCount {
    /// Counters that came later are nothing in records of before.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func count(_ key: CodingKeys) throws -> Int { try container.decodeIfPresent(Int.self, forKey: key) ?? 0 }
        informational = try count(.informational)
        successful = try count(.successful)
        redirected = try count(.redirected)
        clientErrors = try count(.clientErrors)
        serverErrors = try count(.serverErrors)
        unanswered = try count(.unanswered)
        retried = try count(.retried)
        cut = try count(.cut)
        streamsClosed = try count(.streamsClosed)
        latencies = try container.decode(LatencyHistogram.self, forKey: .latencies)
        latencyP50Milliseconds = try container.decodeIfPresent(Double.self, forKey: .latencyP50Milliseconds)
        latencyP99Milliseconds = try container.decodeIfPresent(Double.self, forKey: .latencyP99Milliseconds)
    }
}
