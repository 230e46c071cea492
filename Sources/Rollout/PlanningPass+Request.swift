import IngotModel

// Taking up a request.
extension PlanningPass {
    mutating func accept(_ request: RolloutRequest) {
        if let running = state.rollout {
            guard !isOnItsWay(running, to: request) else { return }
            supersede(running, by: request)
        }
        state.target.generation = firstGeneration.next
        let from = state.serving
        guard from != request.release else { return acceptServing(request) }
        state.retiring.removeAll { $0.release == request.release }
        state.rollout = progress(for: request, from: from)
        decided.append("\(request.kind.rawValue) release \(request.release)\(from.map { " in place of release \($0)" } ?? "")")
        if let rollout = state.rollout, isRecreate(rollout) {
            enter(.emptying, because: "drain and end the old release first: recreate")
            for fleet in fleetsBeside(request.release) { retire(fleet.release, notBefore: now) }
        }
    }

    /// Asking again for what is under way is no new wish; asking for what has failed is.
    private mutating func isOnItsWay(_ running: RolloutProgress, to request: RolloutRequest) -> Bool {
        guard running.request != request else { return true }
        guard running.release == request.release else { return false }
        if case .returning = running.phase { return false }
        decided.append("release \(request.release) is on its way already")
        return true
    }

    private mutating func acceptServing(_ request: RolloutRequest) {
        // After a recreate that gave way the serving release may be drained or gone: then it has to come back first.
        guard hasTraffic(request.release) else {
            state.serving = nil
            state.retiring.removeAll { $0.release == request.release }
            state.rollout = progress(for: request, from: nil)
            decided.append("\(request.kind.rawValue) release \(request.release), which was being replaced")
            return
        }
        decided.append("release \(request.release) already has the traffic")
        finished.append(FinishedRollout(progress: progress(for: request, from: request.release), outcome: .succeeded, at: now))
    }

    private func progress(for request: RolloutRequest, from: ReleaseNumber?) -> RolloutProgress {
        let failures = observation.fleet(request.release).failures
        return RolloutProgress(
            request: request, number: firstGeneration.next, from: from, phase: .starting, phaseSince: now, switchDecidedAt: nil,
            switchedAt: nil, failuresAtStart: failures, failuresBeforeTraffic: failures, leastHealthy: nil)
    }

    /// Ends a running rollout in favour of a newer one. Whoever has the traffic keeps it until the newer one is ready.
    private mutating func supersede(_ running: RolloutProgress, by request: RolloutRequest) {
        // While it starts it may have the split without having anybody healthy to serve it.
        if hasTraffic(running.release), running.phase != .starting || observation.fleet(running.release).healthy > 0 {
            state.serving = running.release
            let warm = (running.switchedAt ?? now) + facts(of: running.release).timing.warm
            if let from = running.from, !isRecreate(running) { retire(from, notBefore: warm) }
        } else {
            retire(running.release, notBefore: now)
        }
        state.rollout = nil
        finished.append(FinishedRollout(progress: running, outcome: .superseded(by: request.release), at: now))
        decided.append("the rollout of release \(running.release) gives way to release \(request.release)")
    }
}
