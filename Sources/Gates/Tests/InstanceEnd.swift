import IngotModel

/// Waiting for the end of an instance that was told to.
enum InstanceEnd {
    /// How long after the grace the engine may take to kill it and to say so.
    static let beyondGrace = Milliseconds.seconds(10)

    /// - Returns: `nil` when it has not ended in time.
    static func wait(for instance: InstanceID, on bench: any TestBench, within grace: Milliseconds) async throws -> InstanceEnding? {
        let deadline = ContinuousClock.now + (grace + beyondGrace).duration
        while ContinuousClock.now < deadline {
            if let ending = try await bench.ending(of: instance) { return ending }
            try await Task.sleep(for: .milliseconds(10))
        }
        return nil
    }
}
