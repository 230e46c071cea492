/// What an analysis comes to, at the moment it is asked.
public enum AnalysisVerdict: Hashable, Sendable, Codable {
    /// There are enough requests, each metric has been measured and was last within its bounds, and no bound is shown to be broken.
    case good
    /// A bound is broken. It stays so: what comes later can't take it back.
    case bad(reason: String)
    /// So many of the requests, or of the measurements, that a verdict takes.
    case tooFew(have: Int, need: Int)
    /// A metric gave no number so many times in a row that somebody must look.
    case unmeasurable(reason: String)
}

/// The numbers behind a verdict: one of them for each thing that is held against a bound.
public struct AnalysisFinding: Hashable, Sendable, Codable {
    /// `errors`, `probes`, `latency-p99`, `baseline`, or the name of a metric.
    public var name: String
    /// What was found: the share of requests (0 to 1) that failed or were too slow, or a metric's last number; `nil` for none.
    public var value: Double?
    /// What it may be at most: a share, for `baseline` the baseline's own share and the tolerance; for a metric its bound.
    public var bound: Double?
    /// The number of requests that were judged, or of measurements.
    public var requests: Int
    /// The decimal logarithm of the e-value against the bound: with 3, so much would be seen once in 1,000 good releases at most.
    /// Within ±300; `nil` for a metric.
    public var evidence: Double?
    /// Which evidence makes it a failure.
    public var needed: Double?
    public var isBroken: Bool
    /// All of it as a sentence.
    public var words: String

    public init(
        name: String, value: Double?, bound: Double?, requests: Int, evidence: Double?, needed: Double?, isBroken: Bool, words: String
    ) {
        self.name = name
        self.value = value
        self.bound = bound
        self.requests = requests
        self.evidence = evidence
        self.needed = needed
        self.isBroken = isBroken
        self.words = words
    }
}
