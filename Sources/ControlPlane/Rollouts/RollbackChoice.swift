import API
import IngotModel
import Rollout

/// Where a rollback without a named release goes. Pure.
enum RollbackChoice {
    /// While a rollout runs: the release that served before it. Else the last release whose rollout succeeded, leaving out
    /// the present one and those that a rollback has left: rolling back twice goes two back, and not to and fro.
    ///
    /// - Parameter history: the rollouts that ended, newest first.
    /// - Parameter rejected: releases that may run nowhere.
    static func release(state: EnvironmentState, history: [RolloutRecord], rejected: Set<ReleaseNumber> = []) -> ReleaseNumber? {
        if state.rollout != nil, let serving = state.serving, !rejected.contains(serving) { return serving }
        var left = Set([state.rollout?.release, state.serving].compactMap { $0 })
        for record in history where record.result == .succeeded {
            if !left.contains(record.release) { return record.release }
            if record.kind == RolloutRequest.Kind.rollback.rawValue, let from = record.from { left.insert(from) }
        }
        return nil
    }
}

extension ControlStore {
    /// Where a rollback goes by itself: never to an image that was rejected.
    func lastGood(of environment: EnvironmentID, _ state: EnvironmentState) async throws -> ReleaseNumber? {
        let rejected = try await rejectedImages()
        return RollbackChoice.release(
            state: state, history: try await rollouts(of: environment).filter { !rejected.contains($0.image) },
            rejected: rejected.isEmpty ? [] : Set(try await releases(of: environment).filter { rejected.contains($0.image) }.map(\.number)))
    }
}
