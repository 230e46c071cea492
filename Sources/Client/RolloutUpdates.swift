public import API
import IngotModel

/// What is seen of a deployment or rollback while it goes on.
public enum RolloutUpdate: Sendable, Equatable {
    /// It runs, or waits to be taken up.
    case running(EnvironmentStatus)
    /// It ended; nothing comes after this.
    case ended(RolloutRecord)
}

extension Client {
    /// Follows a deployment from its acceptance to its end, whatever that is. A caller that stops reading stops nothing
    /// but the reading.
    public func follow(_ accepted: DeploymentAccepted) -> RolloutUpdates { RolloutUpdates(client: self, accepted: accepted) }
}

/// The updates of one rollout; the last is `ended`.
public struct RolloutUpdates: AsyncSequence, Sendable {
    fileprivate let client: Client
    fileprivate let accepted: DeploymentAccepted

    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(client: client, accepted: accepted, statuses: client.live(accepted.environment).makeAsyncIterator())
    }

    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let client: Client
        fileprivate let accepted: DeploymentAccepted
        fileprivate var statuses: LiveAnswer<EnvironmentStatus>.AsyncIterator
        private var hasEnded = false

        fileprivate init(client: Client, accepted: DeploymentAccepted, statuses: LiveAnswer<EnvironmentStatus>.AsyncIterator) {
            self.client = client
            self.accepted = accepted
            self.statuses = statuses
        }

        public mutating func next() async throws -> RolloutUpdate? {
            guard !hasEnded, let status = try await statuses.next() else { return nil }
            guard let record = try await record(in: status) else { return .running(status) }
            hasEnded = true
            return .ended(record)
        }

        /// The record of the accepted request, once it has one. A status tells only of the last rollout, so when a newer
        /// one is seen the older one is looked up.
        private func record(in status: EnvironmentStatus) async throws -> RolloutRecord? {
            if let last = status.lastRollout, isOurs(last) { return last }
            let seen = [status.rollout?.acceptedAt, status.lastRollout?.acceptedAt].compactMap { $0 }
            guard seen.contains(where: { $0 > accepted.acceptedAt }) else { return nil }
            return try await client.rollouts(of: accepted.environment).first(where: isOurs)
        }

        private func isOurs(_ record: RolloutRecord) -> Bool {
            record.acceptedAt == accepted.acceptedAt && record.release == accepted.release
        }
    }
}
