import IngotModel

/// How long the router may take to close connections before an instance is ended with them open.
let cutPatience: Milliseconds = .seconds(5)

// Ending old fleets.
extension PlanningPass {
    mutating func retire(_ release: ReleaseNumber, notBefore: Timestamp) {
        if let index = state.retiring.firstIndex(where: { $0.release == release }) {
            state.retiring[index].notBefore = min(state.retiring[index].notBefore, notBefore)
        } else {
            state.retiring.append(Retirement(release: release, notBefore: notBefore, step: .warm, stepSince: now))
        }
    }

    /// A fleet that runs and that nobody named, such as one left by a daemon whose state was lost, ends like any other.
    mutating func retireStrays() {
        let wanted = Set([state.serving, state.rollout?.from, state.rollout?.release].compactMap { $0 } + state.retiring.map(\.release))
        for fleet in observation.fleets where !fleet.isGone && !wanted.contains(fleet.release) {
            decided.append("release \(fleet.release) runs and is not wanted: it ends")
            retire(fleet.release, notBefore: now)
        }
    }

    mutating func advanceRetirements() {
        let kept = keptReleases
        state.retiring = state.retiring.filter { !kept.contains($0.release) }.compactMap { advanced($0) }
    }

    /// A retirement after this pass; `nil` once its fleet is gone.
    private mutating func advanced(_ retirement: Retirement) -> Retirement? {
        guard !observation.fleet(retirement.release).isGone else { return nil }
        return switch retirement.step {
        case .warm: advancedWarm(retirement)
        case .draining: advancedDraining(retirement)
        case .cutting: advancedCutting(retirement)
        case .ending: advancedEnding(retirement)
        }
    }

    private mutating func advancedWarm(_ retirement: Retirement) -> Retirement? {
        guard now >= retirement.notBefore else {
            wait(for: "release \(retirement.release), kept warm", until: retirement.notBefore, otherwise: "it ends")
            return retirement
        }
        return advanced(moved(retirement, to: .draining))
    }

    private mutating func advancedDraining(_ retirement: Retirement) -> Retirement? {
        let fleet = observation.fleet(retirement.release)
        let requests = count(fleet.requestsInFlight, "request")
        if hasDrained(fleet) {
            decided.append("release \(fleet.release) has no request in flight: its instances end")
            return advanced(moved(retirement, to: .ending))
        }
        let deadline = retirement.stepSince + facts(of: fleet.release).timing.drain
        guard now < deadline else {
            decided.append("release \(fleet.release) has had its time to drain: \(requests) are cut")
            return advanced(moved(retirement, to: .cutting))
        }
        wait(for: "\(requests) of release \(fleet.release) to end", until: deadline, otherwise: "the rest is cut")
        return retirement
    }

    private mutating func advancedCutting(_ retirement: Retirement) -> Retirement? {
        let fleet = observation.fleet(retirement.release)
        let deadline = retirement.stepSince + cutPatience
        if hasDrained(fleet) || now >= deadline { return advanced(moved(retirement, to: .ending)) }
        wait(for: "the router to cut the last requests of release \(fleet.release)", until: deadline, otherwise: "its instances end all the same")
        return retirement
    }

    private mutating func advancedEnding(_ retirement: Retirement) -> Retirement? {
        let fleet = observation.fleet(retirement.release)
        wait(for: "\(count(fleet.instances.count, "instance")) of release \(fleet.release) to end")
        return retirement
    }

    private func moved(_ retirement: Retirement, to step: Retirement.Step) -> Retirement {
        Retirement(release: retirement.release, notBefore: retirement.notBefore, step: step, stepSince: now)
    }

    /// Whether a fleet can end without anybody noticing: the router says that it has no request and gets none.
    private func hasDrained(_ fleet: FleetObservation) -> Bool {
        if fleet.instances.isEmpty { return true }
        return isOutOfTraffic(fleet) && fleet.requestsInFlight == 0
    }

    /// Whether the router has the latest target in force, by which a fleet drains, and says so for every instance.
    private func isOutOfTraffic(_ fleet: FleetObservation) -> Bool {
        guard let split = observation.split, state.target.draining.contains(fleet.release) else { return false }
        // A route that was asked for earlier may come into force late, and give the fleet traffic again.
        if let inForce = observation.routeGeneration, inForce < firstGeneration { return false }
        return split[fleet.release] == BasisPoints.none
            && fleet.instances.allSatisfy { $0.health == .draining || $0.health == .ending || $0.health == .starting }
    }
}
