import IngotModel

/// So many requests, of which so many were bad.
struct Trials: Hashable, Sendable, Codable {
    private(set) var bad: Int
    private(set) var count: Int

    init(bad: Int, of count: Int) {
        self.count = max(0, count)
        self.bad = min(max(0, bad), self.count)
    }

    /// 0 when there are none.
    var share: Double { count == 0 ? 0 : Double(bad) / Double(count) }
}

/// What an analysis keeps of a reading of the router's counters.
struct Tally: Hashable, Sendable, Codable {
    var requests = 0
    /// 5xx, and no answer. A request that Ingot itself cut is not the release's fault.
    var failed = 0
    var answered = 0
    /// The answers that were slower than each of the policy's bounds, in its order.
    var slower: [Int]

    init(_ count: TrafficCount, _ policy: AnalysisPolicy) {
        requests = count.requests
        failed = count.serverErrors + count.unanswered
        answered = count.latencies.total
        slower = policy.latencies.map { count.latencies.slower(than: $0.bound) }
    }

    private init(slower: Int) { self.slower = Array(repeating: 0, count: slower) }

    static func nothing(_ policy: AnalysisPolicy) -> Tally { Tally(slower: policy.latencies.count) }

    var errors: Trials { Trials(bad: failed, of: requests) }
    func slowness(_ index: Int) -> Trials { Trials(bad: slower[index], of: answered) }

    /// What came between two readings. When any counter fell all of them began again, those too that have outgrown the old ones since.
    func since(_ earlier: Tally) -> Tally {
        let pairs = zip(counters, earlier.counters)
        guard pairs.allSatisfy({ $0 >= $1 }) else { return self }
        return combined(with: earlier) { $0 - $1 }
    }

    func adding(_ other: Tally) -> Tally {
        combined(with: other) { left, right in
            let (sum, overflows) = left.addingReportingOverflow(right)
            return overflows ? .max : sum
        }
    }

    private var counters: [Int] { [requests, failed, answered] + slower }

    private func combined(with other: Tally, _ operation: (Int, Int) -> Int) -> Tally {
        var result = self
        result.requests = operation(requests, other.requests)
        result.failed = operation(failed, other.failed)
        result.answered = operation(answered, other.answered)
        result.slower = zip(slower, other.slower).map(operation)
        return result
    }
}

/// What was counted since watching began: the sum of what came between readings.
struct Series: Hashable, Sendable, Codable {
    private(set) var sum: Tally
    private var last: Tally

    /// Counting begins at this reading: what it says came before.
    init(from first: TrafficCount, _ policy: AnalysisPolicy) {
        sum = .nothing(policy)
        last = Tally(first, policy)
    }

    mutating func read(_ count: TrafficCount, _ policy: AnalysisPolicy) {
        let now = Tally(count, policy)
        sum = sum.adding(now.since(last))
        last = now
    }
}
