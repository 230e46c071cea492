/// What a release must show under traffic before it gets more of it.
public struct AnalysisPolicy: Hashable, Sendable, Codable {
    /// The largest share of requests that may fail (5xx, or no answer); `nil` for no bound.
    public var errors: BasisPoints?
    public var latencies: [LatencyBound]
    /// How much worse than a baseline the share of failed requests may be: a stable instance of the same age, counted at the same
    /// time; `nil` for no comparison.
    public var baseline: BasisPoints?
    /// How many requests a verdict takes at least. With fewer, probes are sent; with too few even then, that is the verdict.
    public var requests: Int
    /// The chance that a release which keeps its bounds is ever called bad, over the whole rollout.
    public var falseAlarm: BasisPoints
    public var metrics: [MetricCheck]

    public init(
        errors: BasisPoints?, latencies: [LatencyBound] = [], baseline: BasisPoints? = nil, requests: Int, falseAlarm: BasisPoints,
        metrics: [MetricCheck] = []
    ) {
        self.errors = errors
        self.latencies = latencies
        self.baseline = baseline
        self.requests = requests
        self.falseAlarm = falseAlarm
        self.metrics = metrics
    }
}

/// A share of the requests that must be answered within a time: `latency-p99: 300ms`.
public struct LatencyBound: Hashable, Sendable, Codable {
    /// 9,900 for the 99th percentile.
    public var percentile: BasisPoints
    public var bound: Milliseconds

    public init(percentile: BasisPoints, bound: Milliseconds) {
        self.percentile = percentile
        self.bound = bound
    }
}

/// A number from elsewhere that must stay within bounds while a release is watched.
public struct MetricCheck: Hashable, Sendable, Codable {
    public enum Source: Hashable, Sendable, Codable {
        /// An instant query of Prometheus's HTTP API, version 1; it must give one number. `{{release}}`, `{{environment}}` and `{{service}}` are filled in.
        case prometheus(address: String, query: String)
        /// An HTTP GET: 200 to 299 is good, and where there are bounds the last line of the body is the number that is held against them.
        case http(String)
        /// A command on this machine: exit code 0 is good, and where there are bounds the last line of its output is the number.
        case command([String])
    }

    public var name: String
    public var source: Source
    public var least: Double?
    public var most: Double?
    /// Between two measurements, and for each of them.
    public var interval: Milliseconds
    public var deadline: Milliseconds
    /// How many bad measurements in a row make it a failure.
    public var badInRow: Int
    /// How many measurements in a row that gave no number pause the rollout.
    public var errorsInRow: Int

    public init(
        name: String, source: Source, least: Double? = nil, most: Double? = nil, interval: Milliseconds, deadline: Milliseconds, badInRow: Int,
        errorsInRow: Int
    ) {
        self.name = name
        self.source = source
        self.least = least
        self.most = most
        self.interval = interval
        self.deadline = deadline
        self.badInRow = badInRow
        self.errorsInRow = errorsInRow
    }
}

/// What was measured of a `MetricCheck`: all measurements of one rollout since it began to be watched, counted.
public struct Measurement: Hashable, Sendable, Codable {
    public var check: String
    public var at: Timestamp
    /// The last number; `nil` when there was none.
    public var value: Double?
    /// Why there was none.
    public var error: String?
    /// How many measurements in a row were out of bounds, and how many gave nothing.
    public var badInRow: Int
    public var errorsInRow: Int
    /// How many were made.
    public var count: Int

    public init(check: String, at: Timestamp, value: Double?, error: String? = nil, badInRow: Int, errorsInRow: Int, count: Int) {
        self.check = check
        self.at = at
        self.value = value
        self.error = error
        self.badInRow = badInRow
        self.errorsInRow = errorsInRow
        self.count = count
    }
}
