/// What each setting of a service may be. The reader of `ingot.yaml` quotes these in its messages, and the daemon holds to them whoever speaks to its
/// API: what stands in its database is within them.
public enum SettingLimits {
    public static let tests = 64
    public static let needs = 8
    public static let environments = 32
    /// Instances of one environment, by `ingot.yaml` and by order.
    public static let instances = 1...1_000
    public static let listEntries = 128
    public static let writable = 32
    public static let capabilities = 64
    public static let hooks = 32
    public static let metrics = 32
    public static let steps = 33
    public static let freezes = 32
    public static let freezeSpans = 64
    public static let signatureRules = 8
    public static let keys = 1...16
    public static let approvers = 1...8
    public static let requests = 0...10_000_000

    public static let port = 1...65_535
    public static let checkTimes: ClosedRange<Milliseconds> = 1...(.minutes(60))
    public static let checksInRow = 1...100
    public static let stopGrace: ClosedRange<Milliseconds> = 0...(.minutes(60))
    public static let memory: ClosedRange<ByteSize> = .mebibytes(4)...(.gibibytes(4_096))
    public static let milliCPU = 10...1_024_000
    public static let processes = 1...4_194_304
    public static let imageSize: ClosedRange<ByteSize> = 1...(.gibibytes(1_024))

    private static let day = Milliseconds.minutes(1_440)
    public static let soak: ClosedRange<Milliseconds> = 0...day
    public static let progressDeadline: ClosedRange<Milliseconds> = .seconds(1)...day
    public static let drain: ClosedRange<Milliseconds> = 0...day
    public static let warm: ClosedRange<Milliseconds> = 0...(.minutes(7 * 1_440))
    public static let latency: ClosedRange<Milliseconds> = 1...(.minutes(60))
    public static let metricInterval: ClosedRange<Milliseconds> = .seconds(1)...(.minutes(60))
    public static let metricDeadline: ClosedRange<Milliseconds> = 100...(.minutes(10))
    public static let metricBad = 1...100
    public static let metricErrors = 1...1_000
    public static let hookDeadline: ClosedRange<Milliseconds> = .seconds(1)...day
    public static let testDeadline: ClosedRange<Milliseconds> = .seconds(1)...day
    public static let advisoriesAge: ClosedRange<Milliseconds> = .minutes(60)...(.minutes(365 * 1_440))
    public static let evidenceAge: ClosedRange<Milliseconds> = .minutes(1)...(.minutes(3_650 * 1_440))
    public static let approvalValid: ClosedRange<Milliseconds> = .minutes(1)...(.minutes(30 * 1_440))

    public static let stepShare = BasisPoints(1)...BasisPoints.whole
    public static let anyShare = BasisPoints.none...BasisPoints.whole
    public static let falseAlarm = BasisPoints(1)...BasisPoints(5_000)
}
