import API
import IngotModel
import Rollout

/// What rejected images mean for an environment at one moment. Pure.
///
/// It looks at what is and not at what has just happened: a rejection that was stored is kept to, also when the daemon died right after it, and also
/// for a deployment that was accepted before and is taken up after.
struct Rejections {
    /// The releases of images that may run nowhere.
    var releases: Set<ReleaseNumber>

    private static let abort = Wish.command(.abort(reason: "\(EventDraft.daemon) aborted it: its image was rejected"))

    /// What is taken up, with an abort for every rollout of a rejected image: it comes to its end, and gets no traffic.
    func applied(to wishes: [Wish], in state: EnvironmentState) -> [Wish] {
        let isUnderWay = state.rollout.map { !$0.isReturning && releases.contains($0.release) } ?? false
        return (isUnderWay ? [Self.abort] : [])
            + wishes.flatMap { wish in
                wish.request.map { releases.contains($0.request.release) } ?? false ? [wish, Self.abort] : [wish]
            }
    }

    /// Whether an environment at rest is to go away from what serves. Where that was tried and failed, somebody has to look.
    ///
    /// - Parameter last: the rollout that ended last.
    func isToLeave(_ state: EnvironmentState, last: RolloutRecord?) -> Bool {
        guard state.rollout == nil, let serving = state.serving, releases.contains(serving) else { return false }
        return !(last.map { $0.requestedBy == EventDraft.daemon && $0.result == .returned && $0.from == serving } ?? false)
    }
}
