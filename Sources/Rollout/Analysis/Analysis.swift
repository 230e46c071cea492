public import IngotModel

/// The judgement of one release under traffic, while it is watched: from counts, without a clock, the same on every machine.
///
/// Every share is tested by `Evidence`, which may be looked at as often as one likes. The chance of a false alarm that the policy
/// allows for the whole rollout is split evenly over the tests (Bonferroni), so together they keep it too. A metric is held against
/// fixed bounds, as often in a row as its check says.
public struct Analysis: Hashable, Sendable, Codable {
    /// The fewest requests of a kind that make a failure. Fewer may all be one visitor who tries the same thing again, and then
    /// they say as much as one; a verdict waits for more.
    public static let fewestRequests = 5

    public let policy: AnalysisPolicy
    /// The last measurement of each metric.
    public private(set) var measurements: [Measurement] = []
    private var subject: Series
    private var baseline: Series?
    private var probes: Series?
    private var failure: String?

    /// Watching begins: what was counted until now is left out.
    ///
    /// - Parameters:
    ///   - subject: the release's cumulative counts of its users' requests.
    ///   - baseline: those of what it is compared with; where `nil`, the first reading that comes is the beginning.
    ///   - probes: those of the requests that Ingot itself sent; likewise.
    public init(policy: AnalysisPolicy, subject: TrafficCount, baseline: TrafficCount?, probes: TrafficCount?) {
        self.policy = policy
        self.subject = Series(from: subject, policy)
        self.baseline = baseline.map { Series(from: $0, policy) }
        self.probes = probes.map { Series(from: $0, policy) }
    }

    /// Takes in the cumulative counts as they are now. They only grow; where one fell, all of its source began again. A source that gives
    /// nothing (`nil`) changes nothing. Costs the same however much was counted before.
    ///
    /// - Parameter measurements: the last one of each metric; those of unknown metrics are left out.
    public mutating func update(subject: TrafficCount, baseline: TrafficCount?, probes: TrafficCount?, measurements: [Measurement]) {
        self.subject.read(subject, policy)
        Self.read(baseline, into: &self.baseline, policy)
        Self.read(probes, into: &self.probes, policy)
        self.measurements = measurements.filter { measurement in policy.metrics.contains { $0.name == measurement.check } }
        guard failure == nil else { return }
        let broken = findings.filter(\.isBroken).map(\.words)
        failure = broken.isEmpty ? nil : broken.joined(separator: "; ")
    }

    private static func read(_ count: TrafficCount?, into series: inout Series?, _ policy: AnalysisPolicy) {
        guard let count else { return }
        if series == nil { series = Series(from: count, policy) } else { series?.read(count, policy) }
    }

    public var verdict: AnalysisVerdict {
        if let failure { return .bad(reason: failure) }
        if let reason = unmeasurable { return .unmeasurable(reason: reason) }
        return missing ?? .good
    }

    /// The numbers as they stand now, also of what was broken once and is not any more.
    public var findings: [AnalysisFinding] { tests.map(finding) + policy.metrics.map(finding) }

    // MARK: What is still missing

    private var unmeasurable: String? {
        for check in policy.metrics {
            guard let measurement = measurement(of: check), measurement.errorsInRow >= check.errorsInRow else { continue }
            let why = measurement.error.map { ": \($0)" } ?? ""
            return "metric '\(check.name)' gave no number \(measurement.errorsInRow) times in a row\(why)"
        }
        return nil
    }

    private var missing: AnalysisVerdict? {
        // Too few of a kind to be a failure, but all of them speak against the release: it can't be good either.
        for test in tests where test.evidence >= threshold && test.trials.count < Self.fewestRequests {
            return .tooFew(have: test.trials.count, need: Self.fewestRequests)
        }
        let have = subject.sum.requests + (probes?.sum.requests ?? 0)
        guard have >= policy.requests else { return .tooFew(have: have, need: policy.requests) }
        for check in policy.metrics {
            guard let measurement = measurement(of: check), measurement.count > 0, measurement.errorsInRow == 0 else {
                return .tooFew(have: 0, need: 1)
            }
            if measurement.badInRow > 0 { return .tooFew(have: measurement.badInRow, need: check.badInRow) }
        }
        return nil
    }

    private func measurement(of check: MetricCheck) -> Measurement? { measurements.first { $0.check == check.name } }

    // MARK: Tests of shares

    private struct Test {
        var name: String
        var trials: Trials
        var bound: Double
        /// The natural logarithm of the e-value.
        var evidence: Double
        /// As in "12 of 1200 requests (1%) failed; at most 1% may".
        var words: String
    }

    /// How many shares the policy tests, whether there was anything to test yet or not: the split of the false alarm must not move.
    /// Errors count twice, once for users' requests and once for probes.
    private var testCount: Int { (policy.errors == nil ? 0 : 2) + policy.latencies.count + (policy.baseline == nil ? 0 : 1) }

    /// The natural logarithm of the e-value that makes a failure: ln (tests / false alarm).
    private var threshold: Double {
        naturalLogarithm(Double(max(1, testCount))) - naturalLogarithm(Double(policy.falseAlarm.value) / Double(BasisPoints.whole.value))
    }

    /// Users' requests and probes are tested apart: a hundred probes that went well would hide that each of three visitors got an error. Probes
    /// ask one path that is made to be quick, so they say nothing of latencies, and nothing against a baseline that gets none.
    private var tests: [Test] {
        var tests: [Test] = []
        if let bound = policy.errors {
            tests.append(errors("errors", "requests", subject.sum.errors, bound))
            if let probes { tests.append(errors("probes", "probes", probes.sum.errors, bound)) }
        }
        for (index, latency) in policy.latencies.enumerated() { tests.append(slowness(latency, subject.sum.slowness(index))) }
        if let tolerance = policy.baseline, let baseline { tests.append(comparison(tolerance, baseline.sum.errors)) }
        return tests
    }

    private func errors(_ name: String, _ noun: String, _ trials: Trials, _ bound: BasisPoints) -> Test {
        Test(
            name: name, trials: trials, bound: bound.fraction, evidence: Evidence.against(atMost: bound.fraction, trials),
            words: "\(trials.described(noun)) failed; at most \(bound) may")
    }

    private func slowness(_ latency: LatencyBound, _ trials: Trials) -> Test {
        let allowed = BasisPoints(BasisPoints.whole.value - latency.percentile.value)
        return Test(
            name: latency.name, trials: trials, bound: allowed.fraction, evidence: Evidence.against(atMost: allowed.fraction, trials),
            words: "\(trials.described("answers")) took longer than \(latency.bound); at most \(allowed) may")
    }

    private func comparison(_ tolerance: BasisPoints, _ baseline: Trials) -> Test {
        let trials = subject.sum.errors
        return Test(
            name: "baseline", trials: trials, bound: baseline.share + tolerance.fraction,
            evidence: Evidence.against(atMost: tolerance.fraction, above: baseline, trials),
            words: "\(trials.described("requests")) failed, against \(baseline.described("requests")) of the baseline; \(tolerance) more may")
    }

    private func finding(_ test: Test) -> AnalysisFinding {
        let isBroken = test.evidence >= threshold && test.trials.count >= Self.fewestRequests
        let evidence = Self.decimal(test.evidence)
        let odds = isBroken ? "; a release within that bound shows it less than once in \(Self.power(evidence))" : ""
        return AnalysisFinding(
            name: test.name, value: test.trials.count == 0 ? nil : test.trials.share, bound: test.bound, requests: test.trials.count,
            evidence: evidence, needed: Self.decimal(threshold), isBroken: isBroken, words: test.words + odds)
    }

    /// As a decimal logarithm, within what JSON and people can hold.
    private static func decimal(_ logarithm: Double) -> Double { min(300, max(-300, logarithm / 2.302585092994046)) }

    private static func power(_ decimal: Double) -> String {
        decimal < 7 ? "1" + String(repeating: "0", count: max(0, Int(decimal))) : "10^\(Int(decimal))"
    }

    // MARK: Metrics

    private func finding(_ check: MetricCheck) -> AnalysisFinding {
        let measurement = measurement(of: check)
        let badInRow = measurement?.badInRow ?? 0
        let isBroken = badInRow >= check.badInRow
        return AnalysisFinding(
            name: check.name, value: measurement?.value, bound: check.violatedBound(by: measurement?.value), requests: measurement?.count ?? 0,
            evidence: nil, needed: nil, isBroken: isBroken, words: Self.words(check, measurement))
    }

    private static func words(_ check: MetricCheck, _ measurement: Measurement?) -> String {
        guard let measurement, measurement.count > 0 else { return "metric '\(check.name)' was not measured yet" }
        let found =
            measurement.value.map { " is \($0)" } ?? measurement.error.map { (measurement.badInRow > 0 ? " failed" : " gave no number") + " (\($0))" }
            ?? (measurement.badInRow > 0 ? " failed" : " passed")
        let bounds = [check.least.map { "at least \($0)" }, check.most.map { "at most \($0)" }].compactMap { $0 }.joined(separator: ", ")
        let row = measurement.badInRow > 0 ? ", bad \(measurement.badInRow) times in a row" : ""
        return "metric '\(check.name)'\(found)\(row)\(bounds.isEmpty ? "" : "; \(bounds) is allowed")"
    }
}

extension BasisPoints {
    /// 0.05 for 5%.
    fileprivate var fraction: Double { Double(value) / Double(BasisPoints.whole.value) }
}

extension Trials {
    /// `12 of 1200 requests (1%)`.
    fileprivate func described(_ noun: String) -> String {
        "\(bad) of \(count) \(noun) (\(BasisPoints(Int((share * Double(BasisPoints.whole.value)).rounded()))))"
    }
}

extension LatencyBound {
    /// As it stands in `ingot.yaml`: `latency-p99`.
    public var name: String { "latency-p\(percentile.description.dropLast())" }
}

extension MetricCheck {
    /// Whether a number is within the bounds.
    public func allows(_ value: Double) -> Bool { (least.map { value >= $0 } ?? true) && (most.map { value <= $0 } ?? true) }

    /// The bound that a number breaks, else the one there is.
    fileprivate func violatedBound(by value: Double?) -> Double? {
        if let least, let value, value < least { return least }
        return most ?? least
    }
}
