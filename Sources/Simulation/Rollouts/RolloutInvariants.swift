import Engine
package import IngotModel
package import Rollout

/// The rules that hold after every step of a simulated run, whatever happens. Each check returns what went against its rule.
package struct RolloutInvariants {
    /// How long each release, and each instance of one that stays, has been asked to drain without a pause.
    private var draining: [ReleaseNumber: Elapsed] = [:]
    private var leaving: [InstanceID: Elapsed] = [:]
    private var endedRollouts: Set<Generation> = []
    /// The rollouts by which the old release was told to leave.
    private var emptiedRollouts: Set<Generation> = []

    /// Time by a clock that may be set: what it goes back by counts as none.
    private struct Elapsed {
        var sum: Milliseconds = 0
        var last: Timestamp

        func length(at now: Timestamp) -> Milliseconds { sum + max(0, now - last) }
        func later(_ now: Timestamp) -> Elapsed { Elapsed(sum: length(at: now), last: now) }
    }

    package init() {}

    /// Everything that a pass was given and gave.
    package struct Pass {
        package var before: EnvironmentState
        package var after: EnvironmentState
        package var plan: Plan
        package var request: RolloutRequest?
        package var commands: [RolloutCommand]
        package var observation: Observation
        package var releases: [ReleaseNumber: Release]
        package var now: Timestamp

        package init(
            before: EnvironmentState, after: EnvironmentState, plan: Plan, request: RolloutRequest?, commands: [RolloutCommand],
            observation: Observation, releases: [ReleaseNumber: Release], now: Timestamp
        ) {
            self.before = before
            self.after = after
            self.plan = plan
            self.request = request
            self.commands = commands
            self.observation = observation
            self.releases = releases
            self.now = now
        }

        var facts: [ReleaseNumber: ReleaseFacts] { releases.mapValues(ReleaseFacts.init) }
    }

    package func violation(of pass: Pass) -> String? {
        PlanLint.findings(
            before: pass.before.target, after: pass.after, plan: pass.plan, releases: pass.facts, observation: pass.observation, now: pass.now
        ).first ?? flipToUnhealthy(pass) ?? lostCapacity(pass) ?? tooFewLeft(pass) ?? tooMany(pass) ?? rolloutFromNowhere(pass) ?? notAtRest(pass)
            ?? lostInStorage(pass) ?? brokenReturn(pass)
    }

    /// The split only ever moves to a fleet that the router has seen healthy, unless whoever loses it is not healthy either.
    private func flipToUnhealthy(_ pass: Pass) -> String? {
        let (before, after) = (pass.before.target.split, pass.plan.target.split)
        guard before != after else { return nil }
        let loser = before.shares.keys.first { after[$0] == .none }
        let hasLoserHealthy = loser.map { pass.observation.fleet($0).healthy > 0 } ?? false
        for winner in after.shares.keys where before[winner] == .none {
            let healthy = pass.observation.fleet(winner).healthy
            if healthy == 0, hasLoserHealthy { return "traffic moves to release \(winner), of which no instance is healthy" }
            guard pass.after.rollout?.phase == .switching, after == .all(to: winner), let release = pass.releases[winner] else { continue }
            let full = pass.after.scale ?? release.instances
            if healthy < full { return "traffic moves to release \(winner) with \(healthy) of \(full) healthy" }
        }
        return nil
    }

    /// Who has traffic keeps its instances until it has none, rolling aside, which has a floor of its own, and what an operator scales.
    private func lostCapacity(_ pass: Pass) -> String? {
        let isTrading = [pass.before.rollout, pass.after.rollout].contains { rollout in
            guard let rollout else { return false }
            if !rollout.course.others.isEmpty { return true }
            if case .rolling? = pass.releases[rollout.release]?.strategy { return true }
            return false
        }
        guard !isTrading, pass.before.scale == pass.after.scale, pass.before.leaving.isEmpty else { return nil }
        for release in pass.plan.target.split.shares.keys where pass.before.target.split[release] > .none {
            let full = pass.after.scale ?? pass.releases[release]?.instances ?? 0
            // What was asked for and never carried out is nothing that could be taken away.
            let before = min(pass.before.target.size(of: release), pass.observation.fleet(release).size)
            let after = pass.plan.target.size(of: release)
            if after < min(before, full) { return "release \(release) has traffic and goes from \(before) to \(after) instances" }
        }
        return nil
    }

    private func trade(_ pass: Pass) -> (full: Int, surge: Int, unavailable: Int, releases: [ReleaseNumber])? {
        guard let rollout = pass.after.rollout, let from = rollout.from, pass.before.rollout?.number == rollout.number,
            rollout.phase == .replacing, pass.before.rollout?.phase == .replacing, pass.commands.isEmpty,
            let release = pass.releases[rollout.release], case .rolling(let update) = release.strategy
        else { return nil }
        let full = max(1, pass.after.scale ?? release.instances)
        let unavailable = update.unavailable.roundedDown(of: full)
        let surge = update.surge.roundedUp(of: full)
        return (full, surge + unavailable == 0 ? 1 : surge, unavailable, [from, rollout.release] + rollout.course.others)
    }

    /// By rolling, nobody healthy is taken out of service below the floor.
    private func tooFewLeft(_ pass: Pass) -> String? {
        guard let trade = trade(pass) else { return nil }
        func serving(_ state: EnvironmentState) -> Int {
            let leaving = Set(state.leaving.map(\.instance))
            return trade.releases.reduce(0) { sum, release in
                sum + pass.observation.fleet(release).instances.count { $0.health == .up && !leaving.contains($0.id) }
            }
        }
        let (before, after) = (serving(pass.before), serving(pass.after))
        guard after < before, after < trade.full - trade.unavailable else { return nil }
        return "\(after) healthy instances are left to serve, and \(trade.full - trade.unavailable) must be"
    }

    /// By rolling, nobody is started beyond the surge.
    private func tooMany(_ pass: Pass) -> String? {
        guard let trade = trade(pass) else { return nil }
        func total(_ target: EnvironmentTarget) -> Int { trade.releases.reduce(0) { $0 + target.size(of: $1) } }
        let there = trade.releases.reduce(0) { $0 + max(pass.observation.fleet($1).size, pass.observation.fleet($1).instances.count) }
        let most = max(trade.full + trade.surge, total(pass.before.target), there)
        return total(pass.plan.target) > most ? "\(total(pass.plan.target)) instances are to run, and \(most) at most" : nil
    }

    /// Only a request begins a rollout, and each has a number and an end of its own.
    private func rolloutFromNowhere(_ pass: Pass) -> String? {
        if let begun = pass.after.rollout, begun.number != pass.before.rollout?.number, pass.request == nil {
            return "rollout \(begun.number) began without a request"
        }
        for ended in pass.plan.finished where endedRollouts.contains(ended.progress.number) {
            return "rollout \(ended.progress.number) ended twice, or two have the same number"
        }
        let isGone = pass.before.rollout.map { $0.number != pass.after.rollout?.number } ?? false
        if isGone, !pass.plan.finished.contains(where: { $0.progress.number == pass.before.rollout?.number }) {
            return "rollout \(pass.before.rollout?.number.value ?? 0) went without an end"
        }
        return nil
    }

    /// The same input again decides nothing more.
    private func notAtRest(_ pass: Pass) -> String? {
        var again = pass.after
        let second = again.advance(releases: pass.facts, observation: pass.observation, now: pass.now)
        if second.target != pass.plan.target { return "the same input again gave another target: \(second.target) after \(pass.plan.target)" }
        if let decision = second.decided.first { return "the same input again gave a new decision: \(decision)" }
        if !second.finished.isEmpty { return "the same input again ended a rollout" }
        if again != pass.after { return "the same input again changed the state: \(Self.difference(pass.after, again))" }
        if second.wakeAt != pass.plan.wakeAt || second.awaiting != pass.plan.awaiting {
            return "the same input again awaits something else: \(second.awaiting) until \(second.wakeAt.map { "\($0)" } ?? "-"), "
                + "after \(pass.plan.awaiting) until \(pass.plan.wakeAt.map { "\($0)" } ?? "-")"
        }
        return nil
    }

    /// What differs between two states, each part as it was and as it is.
    private static func difference(_ before: EnvironmentState, _ after: EnvironmentState) -> String {
        zip(Mirror(reflecting: before).children, Mirror(reflecting: after).children).compactMap { before, after in
            let (old, new) = ("\(before.value)", "\(after.value)")
            return old == new ? nil : "\(before.label ?? ""): \(old) became \(new)"
        }.joined(separator: "; ")
    }

    private func lostInStorage(_ pass: Pass) -> String? {
        guard pass.after != pass.before else { return nil }
        do {
            let read = try StoredState.decode(StoredState.encode(pass.after))
            return read == pass.after ? nil : "the state read back is another one"
        } catch {
            return "the state can't be stored and read: \(error)"
        }
    }

    private func brokenReturn(_ pass: Pass) -> String? {
        for ended in pass.plan.finished {
            guard case .returned = ended.outcome, pass.request == nil else { continue }
            guard let from = ended.progress.from else {
                if pass.plan.target.split != .empty { return "the first deployment failed and \(pass.plan.target.split)" }
                continue
            }
            guard let serving = pass.after.serving, mayServe(serving, afterReturnTo: from, ended.progress, pass) else {
                return "after the return release \(pass.after.serving?.value ?? 0) serves, not \(from)"
            }
            let full = pass.after.scale ?? pass.releases[serving]?.instances ?? 0
            if pass.plan.target.split != .all(to: serving) { return "after the return to release \(serving): \(pass.plan.target.split)" }
            if pass.plan.target.size(of: serving) < full { return "after the return release \(serving) has not its full size" }
        }
        return nil
    }

    /// Another than the release that is gone back to serves only where that one has nobody healthy.
    private func mayServe(_ release: ReleaseNumber, afterReturnTo from: ReleaseNumber, _ rollout: RolloutProgress, _ pass: Pass) -> Bool {
        if release == from { return true }
        return rollout.course.others.contains(release) && pass.observation.fleet(from).healthy == 0 && pass.observation.fleet(release).healthy > 0
    }

    /// Takes note of a pass that was stored: what is asked from now on.
    package mutating func stored(_ pass: Pass) {
        endedRollouts.formUnion(pass.plan.finished.map(\.progress.number))
        let target = pass.plan.target
        if let rollout = pass.after.rollout, let from = rollout.from, target.draining.contains(from) || target.size(of: from) == 0 {
            emptiedRollouts.insert(rollout.number)
        }
        draining = Self.goOn(draining, of: pass.plan.target.draining, at: pass.now)
        leaving = Self.goOn(leaving, of: Set(pass.after.leaving.map(\.instance)), at: pass.now)
    }

    private static func goOn<Key>(_ times: [Key: Elapsed], of keys: Set<Key>, at now: Timestamp) -> [Key: Elapsed] {
        Dictionary(uniqueKeysWithValues: keys.map { ($0, times[$0]?.later(now) ?? Elapsed(last: now)) })
    }

    /// No instance is told to end while it gets requests or has some, unless it had its time to drain.
    package func violation(of event: SimulatedEvent, releases: [ReleaseNumber: Release], now: Timestamp) -> String? {
        guard case .toldToEnd(let id, let fleet, let getsTraffic, let requests) = event, getsTraffic || requests > 0 else { return nil }
        let drain = releases[fleet.release]?.timing.drain ?? 0
        let times = [draining[fleet.release], leaving[id]].compactMap { $0?.length(at: now) }
        if let longest = times.max(), longest >= drain { return nil }
        return "instance \(id) of release \(fleet.release) was told to end with \(requests) requests in flight"
            + (getsTraffic ? ", in traffic," : "") + " before its time to drain was over"
    }

    /// By recreate, two releases never run at the same time.
    package func violation(of state: EnvironmentState, in world: SimulatedWorld, releases: [ReleaseNumber: Release]) -> String? {
        // Where a rolling rollout was superseded half way, two run already; one that never began has ended nobody.
        guard let rollout = state.rollout, rollout.course.others.isEmpty, emptiedRollouts.contains(rollout.number),
            releases[rollout.release]?.strategy == .recreate
        else { return nil }
        let running = world.fleets.filter { !$0.instances.isEmpty }.map(\.specification.fleet.release).sorted()
        let mayStart: ReleaseNumber?
        switch rollout.phase {
        case .preparing, .emptying: mayStart = nil
        case .starting, .testing, .replacing, .switching, .soaking: mayStart = rollout.release
        case .returning: mayStart = rollout.from
        }
        guard running.count > 1, let mayStart, running.contains(mayStart), state.target.size(of: mayStart) > 0,
            !state.retiring.contains(where: { $0.release == mayStart })
        else { return nil }
        return "releases \(running.map(\.description).joined(separator: ", ")) run at the same time in a recreate"
    }
}
