import API
import IngotModel
import Rollout

extension Desk {
    /// How far back it is looked for since when a release serves.
    private static let rolloutsLookedThrough = 100

    func explanation(of environment: EnvironmentID) async throws -> Explanation {
        let controller = try await controller(environment)
        var status = await controller.status
        status.problems += try await refreshes.readings.alarms(of: environment)
        let isUnderWay = status.rollout != nil || !status.awaiting.isEmpty
        let next = isUnderWay ? try await controller.forecast().steps.map { DeploymentPlan.Step($0) } : []
        return Explanation(status: status, servingSince: try await servingSince(status), next: next)
    }

    private func servingSince(_ status: EnvironmentStatus) async throws -> Timestamp? {
        guard let serving = status.serving?.number else { return nil }
        return try await store.rollouts(of: status.environment, limit: Self.rolloutsLookedThrough)
            .first { $0.release == serving && $0.result == .succeeded }?.endedAt
    }
}

extension DeploymentPlan.Step {
    init(_ step: Forecast.Step) {
        self.init(after: step.after, sizes: step.sizes, split: step.split, decided: step.decided, awaiting: step.awaiting.map(\.what))
    }
}
