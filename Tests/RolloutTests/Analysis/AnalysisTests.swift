import Foundation
import IngotModel
import Simulation
import Testing

@testable import Rollout

// Foundation has one too.
private typealias Measurement = IngotModel.Measurement

@Suite("Analysis of a release")
struct AnalysisTests {
    private func policy(
        errors: BasisPoints? = BasisPoints(100), latencies: [LatencyBound] = [], baseline: BasisPoints? = nil, requests: Int = 100,
        metrics: [MetricCheck] = []
    ) -> AnalysisPolicy {
        AnalysisPolicy(errors: errors, latencies: latencies, baseline: baseline, requests: requests, falseAlarm: BasisPoints(100), metrics: metrics)
    }

    /// So many that went well and so many that failed, with the times of their answers.
    private func count(_ good: Int, failed: Int = 0, milliseconds: [Double: Int] = [:]) -> TrafficCount {
        var count = TrafficCount()
        count.successful = good
        count.serverErrors = failed / 2
        count.unanswered = failed - failed / 2
        for (time, times) in milliseconds { count.latencies.add(milliseconds: time, times: times) }
        return count
    }

    private func analysis(_ policy: AnalysisPolicy, baseline: TrafficCount? = nil, probes: TrafficCount? = nil) -> Analysis {
        Analysis(policy: policy, subject: TrafficCount(), baseline: baseline, probes: probes)
    }

    private func judged(_ policy: AnalysisPolicy, _ subject: TrafficCount, probes: TrafficCount? = nil, _ measurements: [Measurement] = [])
        -> AnalysisVerdict
    {
        var analysis = analysis(policy, probes: probes.map { _ in TrafficCount() })
        analysis.update(subject: subject, baseline: nil, probes: probes, measurements: measurements)
        return analysis.verdict
    }

    private func isBad(_ verdict: AnalysisVerdict) -> Bool {
        if case .bad = verdict { true } else { false }
    }

    @Test("three requests are no verdict, however they went", arguments: 0...3)
    func threeRequests(failed: Int) {
        let verdict = judged(policy(), count(3 - failed, failed: failed))
        guard case .tooFew(let have, _) = verdict else { Issue.record("\(verdict)"); return }
        #expect(have == 3)
    }

    @Test("nothing counted is too few, and too few is told with how many it takes")
    func nothing() {
        #expect(analysis(policy()).verdict == .tooFew(have: 0, need: 100))
        #expect(judged(policy(), count(99)) == .tooFew(have: 99, need: 100))
        #expect(judged(policy(), count(100)) == .good)
    }

    @Test("a release that fails every second request is bad after six, long before there are enough for good")
    func failsFast() {
        #expect(isBad(judged(policy(), count(3, failed: 3))))
        #expect(isBad(judged(policy(), count(0, failed: 5))))
        #expect(!isBad(judged(policy(), count(0, failed: 4))))
    }

    @Test("a few failures more than the bound says are not shown to be more than chance")
    func chance() {
        #expect(judged(policy(), count(97, failed: 3)) == .good)
        #expect(isBad(judged(policy(), count(9_700, failed: 300))))
    }

    @Test("what Ingot cut itself, and what came before watching began, is not the release's fault")
    func innocent() {
        var cut = count(200)
        cut.cut = 100
        #expect(judged(policy(), cut) == .good)
        var late = Analysis(policy: policy(), subject: count(10, failed: 500), baseline: nil, probes: nil)
        late.update(subject: count(210, failed: 500), baseline: nil, probes: nil, measurements: [])
        #expect(late.verdict == .good)
        #expect(late.findings.map(\.requests) == [200])
    }

    @Test("bad stays bad")
    func sticky() {
        var analysis = analysis(policy())
        analysis.update(subject: count(10, failed: 10), baseline: nil, probes: nil, measurements: [])
        let verdict = analysis.verdict
        #expect(isBad(verdict))
        analysis.update(subject: count(1_000_000, failed: 10), baseline: nil, probes: nil, measurements: [])
        #expect(analysis.verdict == verdict)
        #expect(analysis.findings.first?.isBroken == false)
    }

    @Test("the reason says what was found, what may be, and how rare that is")
    func words() {
        #expect(
            judged(policy(), count(8, failed: 8))
                == .bad(
                    reason: "8 of 16 requests (50%) failed; at most 1% may; a release within that bound shows it less than once in 10^10"))
    }

    @Test("batches of any size come to the same")
    func batches() {
        var at = (once: analysis(policy()), many: analysis(policy()))
        for number in 1...300 { at.many.update(subject: count(number, failed: number / 100), baseline: nil, probes: nil, measurements: []) }
        at.once.update(subject: count(300, failed: 3), baseline: nil, probes: nil, measurements: [])
        #expect(at.once == at.many)
    }

    @Test("counters that begin again lose nothing and invent nothing")
    func restart() {
        var analysis = analysis(policy())
        analysis.update(subject: count(1_000, failed: 5), baseline: nil, probes: nil, measurements: [])
        // Failed has outgrown nothing, and requests fell: both began again.
        analysis.update(subject: count(3, failed: 5), baseline: nil, probes: nil, measurements: [])
        #expect(analysis.findings.first?.requests == 1_013)
        #expect(analysis.findings.first?.value == 10.0 / 1_013)
        analysis.update(subject: count(4, failed: 5), baseline: nil, probes: nil, measurements: [])
        #expect(analysis.findings.first?.requests == 1_014)
    }

    // MARK: Probes

    @Test("probes make up for users who do not come, and fail a release as users do")
    func probes() {
        #expect(judged(policy(), count(20), probes: count(80)) == .good)
        #expect(isBad(judged(policy(), count(2), probes: count(3, failed: 5))))
    }

    @Test("probes that go well do not hide that every visitor failed")
    func hidden() {
        #expect(isBad(judged(policy(), count(0, failed: 5), probes: count(100_000))))
        #expect(judged(policy(), count(0, failed: 3), probes: count(100_000)) == .tooFew(have: 3, need: 5))
    }

    @Test("probes say nothing of latencies")
    func probesAreQuick() {
        let policy = policy(latencies: [LatencyBound(percentile: BasisPoints(9_900), bound: 100)])
        #expect(judged(policy, count(100, milliseconds: [1: 100]), probes: count(50, milliseconds: [1_000: 50])) == .good)
    }

    // MARK: Latencies

    @Test("a percentile over its bound is bad, one within it is good, also with noise at its edge")
    func latency() {
        let policy = policy(latencies: [
            LatencyBound(percentile: BasisPoints(9_900), bound: 300), LatencyBound(percentile: BasisPoints(5_000), bound: 50),
        ])
        #expect(judged(policy, count(1_000, milliseconds: [10: 990, 1_000: 10])) == .good)
        #expect(judged(policy, count(1_000, milliseconds: [10: 985, 1_000: 15])) == .good)
        #expect(
            judged(policy, count(1_000, milliseconds: [10: 900, 1_000: 100]))
                == .bad(
                    reason:
                        "100 of 1000 answers (10%) took longer than 300ms; at most 1% may; a release within that bound shows it less than once in 10^61"
                ))
        #expect(isBad(judged(policy, count(1_000, milliseconds: [10: 300, 100: 700]))))
    }

    @Test("a bound that cuts finer is named as it is written")
    func names() {
        #expect(LatencyBound(percentile: BasisPoints(9_990), bound: 1).name == "latency-p99.9")
        #expect(LatencyBound(percentile: BasisPoints(5_000), bound: 1).name == "latency-p50")
    }

    // MARK: Baseline

    @Test("a failure that the old release has too is not the new one's")
    func baseline() {
        let policy = policy(errors: nil, baseline: BasisPoints(100))
        var analysis = analysis(policy, baseline: TrafficCount())
        analysis.update(subject: count(700, failed: 300), baseline: count(7_000, failed: 3_000), probes: nil, measurements: [])
        #expect(analysis.verdict == .good)
        analysis.update(subject: count(700, failed: 900), baseline: count(7_100, failed: 3_000), probes: nil, measurements: [])
        #expect(isBad(analysis.verdict))
        #expect(analysis.findings.map(\.name) == ["baseline"])
    }

    @Test("a baseline that comes later is counted from then, and one that goes keeps what it gave")
    func lateBaseline() {
        var analysis = analysis(policy(errors: nil, baseline: BasisPoints(100), requests: 10))
        #expect(analysis.findings.isEmpty)
        analysis.update(subject: count(50), baseline: count(1_000, failed: 1_000), probes: nil, measurements: [])
        analysis.update(subject: count(60), baseline: count(1_100, failed: 1_000), probes: nil, measurements: [])
        analysis.update(subject: count(70), baseline: nil, probes: nil, measurements: [])
        #expect(analysis.findings.first?.words == "0 of 70 requests (0%) failed, against 0 of 100 requests (0%) of the baseline; 1% more may")
    }

    // MARK: All together

    /// Of so many requests, how many are bad.
    private func draw(_ count: Int, share: Double, _ generator: inout SeededGenerator) -> Int {
        var bad = 0
        var position = EvidenceTests.gap(share: share, &generator)
        while position <= count {
            bad += 1
            position += EvidenceTests.gap(share: share, &generator)
        }
        return bad
    }

    @Test("a release at all of its bounds is rarely called bad by any of the tests, looked at after each batch")
    func falseAlarms() async {
        var policy = policy(latencies: [LatencyBound(percentile: BasisPoints(9_900), bound: 100)], baseline: BasisPoints(0))
        policy.falseAlarm = BasisPoints(500)
        var generator = SeededGenerator(seed: 11)
        let alarms = await EvidenceTests.count(300) {
            var (subject, baseline, probes) = (TrafficCount(), TrafficCount(), TrafficCount())
            var analysis = Analysis(policy: policy, subject: subject, baseline: baseline, probes: probes)
            for _ in 0..<40 {
                let size = generator.number(in: 1...250)
                let slow = draw(size, share: 0.01, &generator)
                subject = subject + count(size - draw(size, share: 0.01, &generator), milliseconds: [1: size - slow, 1_000: slow])
                subject.serverErrors = subject.latencies.total - subject.successful
                let failed = draw(3 * size, share: 0.01, &generator)
                baseline = baseline + count(3 * size - failed, failed: failed)
                probes = probes + count(size - draw(size, share: 0.01, &generator))
                analysis.update(subject: subject, baseline: baseline, probes: probes, measurements: [])
            }
            return isBad(analysis.verdict)
        }
        #expect(alarms <= 15, "\(alarms) of 300")
    }

    // MARK: Metrics

    private let load = MetricCheck(
        name: "load", source: .http("http://127.0.0.1:1"), most: 0.5, interval: .seconds(30), deadline: .seconds(5), badInRow: 2, errorsInRow: 4)

    private func measured(_ value: Double?, error: String? = nil, bad: Int = 0, errors: Int = 0, count: Int = 1) -> Measurement {
        Measurement(check: "load", at: Timestamp(secondsSince1970: 0), value: value, error: error, badInRow: bad, errorsInRow: errors, count: count)
    }

    @Test("a metric must have been measured, and be within its bounds at the end")
    func metric() {
        let policy = policy(metrics: [load])
        let enough = count(1_000)
        #expect(judged(policy, enough) == .tooFew(have: 0, need: 1))
        #expect(judged(policy, enough, [measured(0.4)]) == .good)
        #expect(judged(policy, enough, [measured(nil)]) == .good)
        #expect(judged(policy, enough, [measured(0.6, bad: 1)]) == .tooFew(have: 1, need: 2))
        #expect(judged(policy, enough, [measured(nil, error: "refused", errors: 3)]) == .tooFew(have: 0, need: 1))
        #expect(
            judged(policy, enough, [measured(nil, error: "refused", errors: 4)])
                == .unmeasurable(reason: "metric 'load' gave no number 4 times in a row: refused"))
        #expect(
            judged(policy, enough, [measured(0.6, bad: 2)])
                == .bad(reason: "metric 'load' is 0.6, bad 2 times in a row; at most 0.5 is allowed"))
    }

    @Test("a metric that can't be measured is no verdict for ever, a bad one is")
    func metricRecovers() {
        var analysis = analysis(policy(requests: 0, metrics: [load]))
        analysis.update(subject: count(0), baseline: nil, probes: nil, measurements: [measured(nil, error: "refused", errors: 4)])
        analysis.update(subject: count(0), baseline: nil, probes: nil, measurements: [measured(0.1, count: 5)])
        #expect(analysis.verdict == .good)
    }

    // MARK: Storing

    @Test("an analysis, its findings and its verdicts can be stored, and go on from there")
    func stored() throws {
        let policy = policy(latencies: [LatencyBound(percentile: BasisPoints(9_900), bound: 300)], baseline: BasisPoints(100), metrics: [load])
        var analysis = analysis(policy, baseline: TrafficCount(), probes: TrafficCount())
        analysis.update(
            subject: count(10, failed: 1, milliseconds: [5: 11]), baseline: count(100), probes: count(7), measurements: [measured(0.2)])
        let again = try JSONDecoder().decode(Analysis.self, from: JSONEncoder().encode(analysis))
        #expect(again == analysis)
        #expect(try JSONDecoder().decode([AnalysisFinding].self, from: JSONEncoder().encode(analysis.findings)) == analysis.findings)
        #expect(again.findings.map(\.name) == ["errors", "probes", "latency-p99", "baseline", "load"])
        for verdict in [AnalysisVerdict.good, .bad(reason: "x"), .tooFew(have: 1, need: 2), .unmeasurable(reason: "y")] {
            #expect(try JSONDecoder().decode(AnalysisVerdict.self, from: JSONEncoder().encode(verdict)) == verdict)
        }
    }

    @Test("evidence beyond all numbers is stored too")
    func infinite() throws {
        var analysis = analysis(policy(errors: BasisPoints(0)))
        analysis.update(subject: count(100, failed: 1), baseline: nil, probes: nil, measurements: [])
        #expect(isBad(analysis.verdict))
        #expect(try JSONEncoder().encode(analysis.findings).count > 0)
    }
}
