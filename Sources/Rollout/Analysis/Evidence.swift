/// How strongly counts speak against a claim such as "at most 1% of the requests fail", whenever one looks.
///
/// Each function gives the natural logarithm of an *e-value*: the likelihood of what was seen, averaged over all shares (Jeffreys'
/// prior, that is the beta-binomial mixture of Robbins and of Krichevsky and Trofimov), divided by the largest likelihood that the
/// claim allows. While the claim is true, that quotient never exceeds the mixture's quotient with the true share, which is a
/// martingale that begins at 1; so by Ville's inequality
///
///     P(the e-value reaches 1/α at any time) ≤ α
///
/// however often one looks and whenever one stops, for every share that the claim allows: it needs no correction for peeking, no
/// number of requests fixed beforehand, and no approximation, so it holds for three requests as for a million. It takes only counts
/// (so batches, in any order) and a fixed number of operations. Only requests in a row that fail together, where one failure makes
/// the next more probable, are outside of what it promises.
///
/// For two samples the same quotient is taken over pairs of shares (mixture for each sample, divided by the largest likelihood of
/// pairs within the tolerance). The e-variables of Turner, Ly and Grünwald are stronger by a constant but need blocks of a known
/// order and a tolerance of none; intersecting two confidence sequences would take the claim apart into two halves of α.
///
/// Sources: H. Robbins, "Statistical methods related to the law of the iterated logarithm", 1970; L. Wasserman, A. Ramdas and
/// S. Balakrishnan, "Universal inference", PNAS 2020, section 7 (sequences); R. Krichevsky and V. Trofimov, "The performance of
/// universal encoding", 1981; J. Ville, "Étude critique de la notion de collectif", 1939.
enum Evidence {
    /// Against "the share of bad ones is at most `bound`" (0 to 1). +∞ when that is impossible.
    static func against(atMost bound: Double, _ trials: Trials) -> Double {
        (trials.share > bound ? divergence(trials, from: bound) : 0) - price(trials)
    }

    /// Against "the share of bad ones is at most `tolerance` more than in the baseline".
    static func against(atMost tolerance: Double, above baseline: Trials, _ trials: Trials) -> Double {
        let price = price(trials) + self.price(baseline)
        guard baseline.count > 0, trials.share > baseline.share + tolerance else { return -price }
        let share = likeliestShare(trials, baseline, tolerance)
        return divergence(trials, from: share + tolerance) + divergence(baseline, from: share) - price
    }

    /// The baseline's share under which both counts together are the likeliest, the other one being `tolerance` above it. The slope of
    /// the likelihood falls all the way from the one's own share to the other's, so halving finds where it is level.
    private static func likeliestShare(_ trials: Trials, _ baseline: Trials, _ tolerance: Double) -> Double {
        var low = baseline.share
        var high = trials.share - tolerance
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if slope(trials, at: middle + tolerance) + slope(baseline, at: middle) > 0 { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }

    /// Of the logarithm of the likelihood of counts, by the share.
    private static func slope(_ trials: Trials, at share: Double) -> Double {
        let good = trials.count - trials.bad
        return (trials.bad == 0 ? 0 : Double(trials.bad) / share) - (good == 0 ? 0 : Double(good) / (1 - share))
    }

    /// How much likelier counts are under their own share than under another one: n times the Kullback–Leibler divergence.
    static func divergence(_ trials: Trials, from share: Double) -> Double {
        let good = trials.count - trials.bad
        let ofBad = trials.bad == 0 ? 0 : Double(trials.bad) * naturalLogarithm(trials.share / share)
        let ofGood = good == 0 ? 0 : Double(good) * naturalLogarithm((1 - trials.share) / (1 - share))
        return max(0, ofBad + ofGood)
    }

    /// How much likelier counts are under their own share than under the mixture of all shares: what it costs not to have known
    /// it beforehand, about ½ ln n + ½ ln (π/2).
    ///
    /// The mixture's likelihood is Γ(bad+½) Γ(good+½) / (π Γ(n+1)). What Stirling's formula has in common with the likelihood cancels
    /// on paper; what is left is small, so nothing is lost to rounding at 10¹² requests.
    static func price(_ trials: Trials) -> Double {
        guard trials.count > 0 else { return 0 }
        let halfPi = 1.5707963267948966
        return naturalLogarithm(halfPi * Double(trials.count)) / 2 - atHalf(trials.bad) - atHalf(trials.count - trials.bad) + atWhole(trials.count)
    }

    /// Below it the gamma function is multiplied out; from it on four terms of Stirling's series are exact to 10⁻¹⁴.
    private static let exactBelow = 16
    private static let exactAtHalf = (0..<exactBelow).map { number -> Double in
        // ln Γ(n+½) − ½ ln π, less n ln n − n + ½ ln 2.
        let own = number == 0 ? 0 : Double(number) * naturalLogarithm(Double(number)) - Double(number)
        return (0..<number).reduce(0.0) { $0 + naturalLogarithm(Double($1) + 0.5) } - own - 0.34657359027997264
    }
    private static let exactAtWhole = (0..<exactBelow).map { number -> Double in
        // ln n!, less n ln n − n + ½ ln 2πn. Never asked for 0.
        guard number > 0 else { return 0 }
        let own = Double(number) * naturalLogarithm(Double(number)) - Double(number) + naturalLogarithm(6.283185307179586 * Double(number)) / 2
        return (1...number).reduce(0.0) { $0 + naturalLogarithm(Double($1)) } - own
    }

    /// What Stirling's formula for ln Γ(n+½) leaves out. Source: DLMF 5.11.8.
    private static func atHalf(_ number: Int) -> Double {
        guard number >= exactBelow else { return exactAtHalf[number] }
        let inverse = 1 / Double(number)
        let square = inverse * inverse
        return inverse * (-1 / 24 + square * (7 / 2_880 + square * (-31 / 40_320 + square * 127 / 215_040)))
    }

    /// What Stirling's formula for ln n! leaves out. Source: DLMF 5.11.1.
    private static func atWhole(_ number: Int) -> Double {
        guard number >= exactBelow else { return exactAtWhole[number] }
        let inverse = 1 / Double(number)
        let square = inverse * inverse
        return inverse * (1 / 12 + square * (-1 / 360 + square * (1 / 1_260 - square / 1_680)))
    }
}
