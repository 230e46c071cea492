import IngotModel

/// From shares of releases to weights of servers, and back.
enum SplitWeights {
    /// HAProxy's range is 0 to 256.
    static let greatest = 256

    /// The weight of each server of a release, so that the releases' totals stand in the proportion of their shares.
    ///
    /// Whole numbers can't hit every share; of all scales the one with the least error is taken, the smallest among equals.
    /// A share above nothing never becomes a weight of 0. The error is at most one weight in 256 for each server.
    ///
    /// - Parameter servers: how many servers of each release take traffic.
    static func weights(for split: Split, servers: [ReleaseNumber: Int]) -> [ReleaseNumber: Int] {
        let shares = split.shares.filter { (servers[$0.key] ?? 0) > 0 }
        let ideal = shares.reduce(into: [ReleaseNumber: Double]()) { ideal, share in
            ideal[share.key] = Double(share.value.value) / Double(servers[share.key] ?? 1)
        }
        guard let highest = ideal.values.max() else { return [:] }
        var best: [ReleaseNumber: Int] = [:]
        var leastError = Double.infinity
        for scale in 1...greatest {
            let candidate = ideal.mapValues { max(1, Int(($0 / highest * Double(scale)).rounded())) }
            let error = largestError(of: candidate, ideal: shares, servers: servers)
            if error < leastError - 1e-9 { (best, leastError) = (candidate, error) }
        }
        return best
    }

    private static func largestError(of weights: [ReleaseNumber: Int], ideal shares: [ReleaseNumber: BasisPoints], servers: [ReleaseNumber: Int])
        -> Double
    {
        let totals = weights.reduce(into: [ReleaseNumber: Double]()) { $0[$1.key] = Double($1.value * (servers[$1.key] ?? 0)) }
        let total = totals.values.reduce(0, +)
        let whole = Double(shares.values.reduce(0) { $0 + $1.value })
        return shares.map { abs(Double($0.value.value) / whole - (totals[$0.key] ?? 0) / total) }.max() ?? 0
    }

    /// The split that weights amount to: each release's part of their sum, rounded so that the parts are a whole.
    static func split(of totals: [ReleaseNumber: Int]) -> Split {
        let totals = totals.filter { $0.value > 0 }
        let sum = totals.values.reduce(0, +)
        guard sum > 0 else { return .empty }
        // Largest remainder (Hamilton's method), ties to the older release.
        var parts = totals.mapValues { $0 * BasisPoints.whole.value / sum }
        let missing = BasisPoints.whole.value - parts.values.reduce(0, +)
        let byRemainder = totals.sorted {
            let (left, right) = ($0.value * BasisPoints.whole.value % sum, $1.value * BasisPoints.whole.value % sum)
            return left == right ? $0.key < $1.key : left > right
        }
        for (release, _) in byRemainder.prefix(missing) { parts[release, default: 0] += 1 }
        return Split(parts.mapValues { BasisPoints($0) }) ?? .empty
    }
}
