import Simulation
import Testing

@testable import Rollout

@Suite("Evidence from counts")
struct EvidenceTests {
    @Test(
        "the logarithm is right to the last places",
        arguments: [
            (1.0, 0.0), (2.0, 0.6931471805599453), (0.5, -0.6931471805599453), (10.0, 2.302585092994046), (1e-300, -690.7755278982137),
            (1e12, 27.631021115928547), (1.0000001, 9.99999951e-08), (0.99, -0.01005033585350145), (1.4142135623730951, 0.34657359027997264),
        ])
    func logarithm(number: Double, expected: Double) {
        #expect(abs(naturalLogarithm(number) - expected) <= 1e-15 * max(1, abs(expected)))
    }

    @Test("the logarithm of what has none")
    func noLogarithm() {
        #expect(naturalLogarithm(0) == -.infinity)
        #expect(naturalLogarithm(-1).isNaN)
        #expect(naturalLogarithm(.infinity) == .infinity)
    }

    /// The mixture's likelihood of k bad ones among n is (½·3⁄2·…)(½·3⁄2·…)/n!, all of it rational.
    @Test(
        "small counts give the exact numbers",
        arguments: [
            (2, 2, 3_750.0),  // ½·¾ / 0.01²
            (1, 1, 50.0),  // ½ / 0.01
            (3, 5, 11_956.688093051722),  // (½·3⁄2·5⁄2)(½·3⁄2)/5! / (0.01³ · 0.99²)
            (3, 6, 5_032.2761334392735), (5, 100, 4.909371864710536), (10, 200, 216.68978293524273),
        ])
    func exact(bad: Int, count: Int, expected: Double) {
        #expect(abs(Evidence.against(atMost: 0.01, Trials(bad: bad, of: count)) - naturalLogarithm(expected)) < 1e-12)
    }

    @Test("what the claim expects is no evidence against it")
    func none() {
        #expect(Evidence.against(atMost: 0.01, Trials(bad: 0, of: 0)) == 0)
        // 1/√(πn), the mixture's share of the likelihood.
        #expect(abs(Evidence.against(atMost: 0.01, Trials(bad: 0, of: 100)) - naturalLogarithm(0.056348479009257504)) < 1e-12)
        #expect(Evidence.against(atMost: 0.5, Trials(bad: 50, of: 100)) < 0)
        #expect(Evidence.against(atMost: 1, Trials(bad: 100, of: 100)) < 0)
        #expect(Evidence.against(atMost: 0, above: Trials(bad: 0, of: 0), Trials(bad: 100, of: 100)) < 0)
    }

    @Test("what the claim excludes is all the evidence there can be")
    func impossible() { #expect(Evidence.against(atMost: 0, Trials(bad: 1, of: 1_000_000)) == .infinity) }

    @Test("where the exact numbers end and the series begins there is no step", arguments: 12..<20)
    func seam(number: Int) {
        // The likelihood of one more bad one, from the mixture's rule (k + ½) / (n + 1).
        let before = Evidence.price(Trials(bad: number, of: 2 * number)) - Evidence.divergence(Trials(bad: number, of: 2 * number), from: 0.25)
        let after =
            Evidence.price(Trials(bad: number + 1, of: 2 * number + 1)) - Evidence.divergence(Trials(bad: number + 1, of: 2 * number + 1), from: 0.25)
        let expected = naturalLogarithm((Double(number) + 0.5) / Double(2 * number + 1) / 0.25)
        #expect(abs(before - after - expected) < 1e-12)
    }

    @Test("a million million requests are neither too large nor inexact")
    func huge() {
        let many = 1_000_000_000_000
        #expect(abs(Evidence.price(Trials(bad: 0, of: many)) - (27.631021115928547 + 1.1447298858494002) / 2) < 1e-9)
        #expect(Evidence.against(atMost: 0.01, Trials(bad: many / 100, of: many)) < 0)
        let slightlyMore = Evidence.against(atMost: 0.01, Trials(bad: many / 100 + 10_000_000, of: many))
        // n·(10⁻⁵)² / (2·0.01·0.99), less the price of 15.
        #expect(abs(slightlyMore - (5_050 - 15)) < 10)
        let two = Evidence.against(atMost: 0, above: Trials(bad: many / 100, of: many), Trials(bad: many / 100 + 10_000_000, of: many))
        #expect(abs(two - (2_525 - 30)) < 10)
    }

    @Test("with a baseline that is known well, the comparison is nearly that with a bound")
    func knownBaseline() {
        let trials = Trials(bad: 40, of: 1_000)
        let bound = Evidence.against(atMost: 0.02, trials)
        let compared = Evidence.against(atMost: 0.01, above: Trials(bad: 10_000_000, of: 1_000_000_000), trials)
        #expect(abs(bound - Evidence.price(Trials(bad: 10_000_000, of: 1_000_000_000)) - compared) < 0.01)
    }

    @Test("a baseline as bad as the release clears it")
    func equalBaseline() {
        #expect(Evidence.against(atMost: 0.01, above: Trials(bad: 300, of: 1_000), Trials(bad: 300, of: 1_000)) < 0)
        #expect(Evidence.against(atMost: 0.01, above: Trials(bad: 10, of: 1_000), Trials(bad: 300, of: 1_000)) > 100)
    }

    @Test("counts that can't be are taken for the nearest that can")
    func nonsense() {
        #expect(Trials(bad: 5, of: 3) == Trials(bad: 3, of: 3))
        #expect(Trials(bad: -1, of: -3) == Trials(bad: 0, of: 0))
    }

    // MARK: What Ville's inequality promises

    /// How many requests come until one is bad, itself counted. Drawn at once, so that ten thousand requests cost a hundred draws.
    static func gap(share: Double, _ generator: inout SeededGenerator) -> Int {
        let uniform = (Double(generator.next() >> 11) + 1) / 9_007_199_254_740_992
        return 1 + Int(naturalLogarithm(uniform) / naturalLogarithm(1 - share))
    }

    /// Of so many tries, how many come true. In between other tests have their turn.
    static func count(_ tries: Int, _ body: () -> Bool) async -> Int {
        var count = 0
        for _ in 0..<tries {
            if body() { count += 1 }
            await Task.yield()
        }
        return count
    }

    /// The evidence can only rise with a bad request, so looking after each of those is looking after every request.
    private static func firstAlarm(share: Double, bound: Double, threshold: Double, most: Int, _ generator: inout SeededGenerator) -> Int? {
        var count = 0
        var bad = 0
        while true {
            count += gap(share: share, &generator)
            guard count <= most else { return nil }
            bad += 1
            if Evidence.against(atMost: bound, Trials(bad: bad, of: count)) >= threshold { return count }
        }
    }

    @Test(
        "a release at its bound is rarely called bad, though one looks after each of 10,000 requests",
        arguments: [(0.01, 0.05), (0.01, 0.01), (0.2, 0.05)])
    func falseAlarms(bound: Double, allowed: Double) async {
        var generator = SeededGenerator(seed: 20_261_123)
        let threshold = -naturalLogarithm(allowed)
        let alarms = await Self.count(2_000) {
            Self.firstAlarm(share: bound, bound: bound, threshold: threshold, most: 10_000, &generator) != nil
        }
        #expect(Double(alarms) / 2_000 <= allowed, "\(alarms) of 2000")
    }

    @Test("a release as bad as its baseline is rarely called worse, though one looks after each failure", arguments: [0.0, 0.01])
    func falseAlarmsAgainstBaseline(tolerance: Double) async {
        var generator = SeededGenerator(seed: 4_096)
        let threshold = -naturalLogarithm(0.05)
        let alarms = await Self.count(500) {
            var (count, bad) = (0, 0)
            var baseline = (count: 0, bad: 0, next: Self.gap(share: 0.03, &generator))
            while count < 10_000 {
                count += Self.gap(share: 0.03 + tolerance, &generator)
                bad += 1
                // The baseline gets three requests for each one of the release.
                while baseline.count + baseline.next <= 3 * count {
                    baseline.count += baseline.next
                    baseline.bad += 1
                    baseline.next = Self.gap(share: 0.03, &generator)
                }
                if Evidence.against(atMost: tolerance, above: Trials(bad: baseline.bad, of: 3 * count), Trials(bad: bad, of: count)) >= threshold {
                    return true
                }
            }
            return false
        }
        #expect(Double(alarms) / 500 <= 0.05, "\(alarms) of 500")
    }

    /// The table of docs/reference/analysis.md: bound 1%, false alarm 1% over two tests, before the floor of five requests. Exact, since
    /// every machine draws and computes the same.
    @Test(
        "a release that is worse is caught, and the sooner the worse it is",
        arguments: [
            (0.02, [2_239, 4_092, 7_746]), (0.03, [602, 1_154, 2_301]), (0.05, [181, 365, 730]), (0.1, [46, 113, 260]), (0.2, [16, 36, 86]),
            (0.5, [4, 9, 20]), (1.0, [2, 2, 2]),
        ])
    func power(share: Double, requests: [Int]) async {
        var generator = SeededGenerator(seed: 7)
        var found: [Int] = []
        for _ in 0..<500 {
            found.append(Self.firstAlarm(share: share, bound: 0.01, threshold: naturalLogarithm(200), most: 1_000_000, &generator) ?? .max)
            await Task.yield()
        }
        found.sort()
        #expect([found[250], found[450], found[499]] == requests)
    }
}
