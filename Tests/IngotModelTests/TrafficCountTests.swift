import IngotModel
import Testing

@Suite("Counts of requests")
struct TrafficCountTests {
    @Test("what came between two readings is their difference")
    func difference() {
        var earlier = TrafficCount(), later = TrafficCount()
        earlier.successful = 10
        later.successful = 25
        later.serverErrors = 2
        later.cut = 1
        let between = later - earlier
        #expect(between.successful == 15 && between.serverErrors == 2)
        #expect(between.requests == 17)
        #expect(between.failed == 3)
    }

    @Test("a counter that fell began again")
    func restart() {
        var earlier = TrafficCount(), later = TrafficCount()
        earlier.successful = 1_000
        later.successful = 7
        #expect((later - earlier).successful == 7)
    }

    @Test("sums add every counter, and keep a latency that was seen")
    func sum() {
        var left = TrafficCount(), right = TrafficCount()
        left.unanswered = 1
        right.unanswered = 2
        right.retried = 3
        right.latencyP99Milliseconds = 12.5
        let sum = left + right
        #expect(sum.unanswered == 3 && sum.retried == 3 && sum.latencyP99Milliseconds == 12.5)
        #expect(sum.requests == 3 && sum.failed == 3)
    }
}
