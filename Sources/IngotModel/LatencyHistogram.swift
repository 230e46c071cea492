/// How many requests took how long, in buckets that grow by a tenth: a percentile is read from it to within 10% of its value.
///
/// Buckets make counts from many instances, hours and daemons addable, and tell how many requests were over a bound, which
/// percentiles can't.
public struct LatencyHistogram: Hashable, Sendable, Codable {
    /// The number of requests by bucket; bucket 0 is below 1 ms, bucket n from 1.1ⁿ⁻¹ to below 1.1ⁿ ms. No bucket beyond the last that has one.
    public private(set) var counts: [Int]

    /// 1.1¹⁴⁵ ms are more than 11 days.
    public static let buckets = 146

    public init() { counts = [] }

    public var total: Int { counts.reduce(0, +) }

    public mutating func add(milliseconds: Double, times: Int = 1) {
        let bucket = Self.bucket(of: milliseconds)
        if counts.count <= bucket { counts += Array(repeating: 0, count: bucket + 1 - counts.count) }
        counts[bucket] += times
    }

    /// How many took longer than a bound. Those in its own bucket, at most a tenth above it, are not blamed.
    public func slower(than bound: Milliseconds) -> Int {
        counts.dropFirst(Self.bucket(of: Double(bound.count)) + 1).reduce(0, +)
    }

    /// The upper edge of the bucket that a percentile lies in, in milliseconds; `nil` when nothing was counted.
    public func percentile(_ share: BasisPoints) -> Double? {
        let wanted = Double(total) * Double(share.value) / 10_000
        var seen = 0
        for (bucket, count) in counts.enumerated() where count > 0 {
            seen += count
            if Double(seen) >= wanted { return Self.upperEdges[bucket] }
        }
        return nil
    }

    static func combine(_ left: Self, _ right: Self, _ operation: (Int, Int) -> Int) -> Self {
        var result = LatencyHistogram()
        result.counts = (0..<max(left.counts.count, right.counts.count)).map { index in
            operation(left.counts.indices.contains(index) ? left.counts[index] : 0, right.counts.indices.contains(index) ? right.counts[index] : 0)
        }
        while result.counts.last == 0 { result.counts.removeLast() }
        return result
    }

    /// The first edge above a value decides; edges are multiplied up once, so that every machine has the same.
    private static let upperEdges: [Double] = {
        var edges = [1.0]
        while edges.count < buckets { edges.append(edges[edges.count - 1] * 1.1) }
        return edges
    }()

    private static func bucket(of milliseconds: Double) -> Int {
        var low = 0
        var high = buckets - 1
        while low < high {
            let middle = (low + high) / 2
            if milliseconds < upperEdges[middle] { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
