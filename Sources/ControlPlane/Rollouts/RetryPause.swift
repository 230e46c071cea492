import IngotModel

/// How long to wait before the next try after some failures in a row: 100 ms, doubled each time, at most 5 s.
enum RetryPause {
    static let first: Milliseconds = 100
    static let longest: Milliseconds = .seconds(5)

    static func after(failures: Int) -> Milliseconds {
        let doublings = max(0, min(failures - 1, 16))
        return min(longest, Milliseconds(first.count << doublings))
    }
}
