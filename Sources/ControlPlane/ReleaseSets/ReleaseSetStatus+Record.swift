import API
import IngotModel
import Rollout

extension ReleaseSetStatus {
    /// - Parameters:
    ///   - images: of each member's wanted release.
    ///   - rollouts: of its members, those that have ended.
    init(_ record: ReleaseSetRecord, images: [ServiceName: Digest], rollouts: [RolloutRecord]) {
        let (state, endedAt): (State, Timestamp?) =
            switch record.state.outcome {
            case nil: (record.state.turn == nil ? .moving : .goingBack, nil)
            case .succeeded(let at): (.succeeded, at)
            case .returned(let at): (.returned, at)
            }
        self.init(
            number: record.number, name: record.specification.name, environment: record.environment, state: state,
            reason: record.state.turn?.reason, acceptedAt: record.state.acceptedAt, endedAt: endedAt, requestedBy: record.requestedBy,
            members: record.state.members.map { Member($0, of: record, image: images[$0.service] ?? .ofNoBytes) },
            awaiting: record.state.awaiting, steps: record.steps, traffic: Traffic(rollouts))
    }
}

extension ReleaseSetStatus.Member {
    init(_ member: ReleaseSetState.Member, of record: ReleaseSetRecord, image: Digest) {
        var reason: String?
        if case .left(let why) = member.phase { reason = why }
        self.init(
            environment: record.id(of: member.service), after: member.after, image: image, release: member.release, before: member.before,
            phase: member.phase.word, reason: reason, rollouts: member.rollouts)
    }
}

extension ReleaseSetState.Member {
    /// Its rollouts that have ended, the way there first.
    var rollouts: [Generation] { [deployment?.rollout, rollback?.rollout].compactMap { $0 } }
}

extension ReleaseSetStatus.Traffic {
    /// The proofs stay with the rollouts; this is their sum.
    init(_ rollouts: [RolloutRecord]) {
        self.init()
        let counts = rollouts.flatMap(\.proof.releases).reduce(TrafficCount()) { $0 + $1.served }
        (served, failed, retried, cut) = (counts.requests, counts.failed, counts.retried, counts.cut)
    }
}
