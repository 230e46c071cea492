import API
import CFaultyDisk
import Engine
import IngotModel
import Rollout
import Simulation
import Synchronization

@testable import ControlPlane

/// The whole control plane from one seed: the real database, controller, deployments, rejections, holds and events, over an engine, a router, a
/// disk and a clock that fail; operators who ask for anything at any time, and a daemon that dies between any two effects.
///
/// It is played by one task, a step after another, so the same seed gives the same story.
actor ControlPlaneSimulation {
    let host: SimulatedHost
    let disk: FaultyDisk
    let clock: ShiftedClock
    let vault: SecretVault
    let options: SimulationOptions
    var generator: SeededGenerator
    var outcome: SimulationOutcome

    /// `nil` while it is down.
    var daemon: SimulatedDaemon?
    /// What every release that was ever seen is; a number means one content for ever.
    var releases: [ReleaseNumber: Release] = [:]
    var behaviours: [IngotModel.Digest: InstanceBehaviour] = [:]
    var notebook = Notebook()
    var rules = RolloutInvariants()
    /// Decisions of which nobody knows whether they reached the database.
    var unsettled: [PlannedPass] = []
    /// Targets that were carried out, the newest last, for an executor that comes back late.
    var carriedOut: [PlannedPass] = []
    var specification: ServiceSpecification
    var wakeAt: Timestamp?
    /// Whether another controller has decided since the present one last looked.
    var isOvertaken = false
    /// Whether a pass is under way, in which an operator may ask for something.
    var mayInterrupt = false
    /// Whether anybody still asks for anything by himself.
    var isCalm = false
    var powerCuts = 0
    private let witnessed = Mutex<[PlannedPass]>([])
    private let begin: Timestamp

    init(seed: UInt64, vault: SecretVault, options: SimulationOptions = SimulationOptions()) throws {
        generator = SeededGenerator(seed: seed)
        host = SimulatedHost(seed: generator.next())
        disk = try FaultyDisk(seed: generator.next())
        clock = ShiftedClock(host.clock)
        self.vault = vault
        self.options = options
        outcome = SimulationOutcome(seed: seed)
        specification = serviceSpecification()
        begin = host.clock.now
    }

    /// Runs a seed to its end.
    static func run(seed: UInt64, vault: SecretVault, options: SimulationOptions = SimulationOptions()) async throws -> SimulationOutcome {
        let simulation = try ControlPlaneSimulation(seed: seed, vault: vault, options: options)
        return await simulation.run()
    }

    private func run() async -> SimulationOutcome {
        for _ in 0..<options.steps where !hasFailed {
            await step()
            // Many seeds must not keep every thread from others.
            await Task.yield()
        }
        if !hasFailed { await comeToRest() }
        outcome.simulatedTime = host.clock.now - begin
        daemon?.close()
        daemon = nil
        return outcome
    }

    var hasFailed: Bool { outcome.violation != nil }
    var environment: EnvironmentID { production }

    // MARK: Passes

    /// What the controller shows of its decisions.
    nonisolated func witness(_ pass: PlannedPass) { witnessed.withLock { $0.append(pass) } }

    /// The daemon looks once. It may die of it.
    func look() async {
        guard let daemon else { return }
        outcome.passes += 1
        mayInterrupt = true
        let next = await daemon.controller.look()
        mayInterrupt = false
        wakeAt = next
        judge()
        if daemon.life.isAlive, !daemon.hasEndedOrphans { await endOrphans(daemon) }
        noteDeath()
        lookAtWorld()
    }

    func judge() {
        for pass in witnessed.withLock({ passes in
            defer { passes = [] }
            return passes
        }) {
            guard pass.isStored else {
                for (number, release) in pass.releases.sorted(by: { $0.key < $1.key }) { know(release, as: number) }
                // What goes out from a state that is not the stored one any more is never carried out.
                if !isOvertaken { hold(pass) }
                unsettled.append(pass)
                continue
            }
            if isOvertaken { hold(pass) }
            settle(pass)
        }
    }

    /// Holds a decision against the rules.
    private func hold(_ pass: PlannedPass) {
        for step in pass.steps { fail(rules.violation(of: RolloutInvariants.Pass(step, of: pass))) }
        fail(rejectionViolation(of: pass))
    }

    /// A decision that stands in the database.
    func settle(_ pass: PlannedPass) {
        unsettled = []
        for step in pass.steps { rules.stored(RolloutInvariants.Pass(step, of: pass)) }
        notebook.took(pass)
        if carriedOut.last?.plan.target != pass.plan.target { carriedOut.append(pass) }
        for decision in pass.plan.decided { tell("decided: \(decision)") }
        for ended in pass.plan.finished {
            switch ended.outcome {
            case .succeeded: outcome.succeeded += 1
            case .returned: outcome.returned += 1
            case .superseded: outcome.superseded += 1
            }
            tell("rollout \(ended.progress.number) of release \(ended.progress.release) ended: \(ended.outcome)")
        }
    }

    private func endOrphans(_ daemon: SimulatedDaemon) async {
        do {
            try await daemon.endOrphans()
            self.daemon?.hasEndedOrphans = true
        } catch {
            tell("looking for what nobody owns failed: \(error)")
        }
    }

    func know(_ release: Release, as number: ReleaseNumber) {
        if let known = releases[number], known != release { return fail("release \(number) is another one than it was") }
        guard releases.updateValue(release, forKey: number) == nil else { return }
        let behaviour = behaviours[release.image] ?? .good
        host.withWorld { $0.setBehaviour(behaviour, of: release.fleet) }
    }

    // MARK: The world

    /// Lets time pass in the world.
    func wait(_ length: Milliseconds) {
        host.advance(by: length)
        lookAtWorld()
    }

    /// Reads what happened in the world and holds it against the rules.
    func lookAtWorld() {
        let world = host.withWorld { world in
            defer { world.journal = [] }
            return world
        }
        for event in world.journal {
            if case .unserved = event { outcome.unservedRequests += 1; continue }
            if case .cut(_, let requests) = event { outcome.cutRequests += requests }
            tell(event.description)
            fail(rules.violation(of: event, releases: releases, now: clock.now))
        }
        for fleet in world.fleets {
            let number = fleet.specification.fleet.release
            if let release = releases[number], fleet.specification.image != release.image {
                fail("the fleet of release \(number) runs another image than the release")
            }
        }
    }

    // MARK: The story

    func tell(_ line: String) {
        let milliseconds = (host.clock.now - begin).count
        let tenths = String(milliseconds % 1_000 + 1_000).dropFirst()
        outcome.story.append("\(milliseconds / 1_000).\(tenths) s  \(line)")
    }

    func fail(_ violation: String?) {
        guard let violation, outcome.violation == nil else { return }
        outcome.violation = violation
        tell("VIOLATION: \(violation)")
    }
}

extension RolloutInvariants.Pass {
    init(_ step: PlannedPass.Step, of pass: PlannedPass) {
        self.init(
            before: step.before, after: step.after, plan: step.plan, request: step.request?.request, commands: step.commands,
            observation: pass.observation, releases: pass.releases, now: pass.now)
    }
}

/// The wall clock of a machine whose time is set, forwards and backwards, while the world goes on evenly.
final class ShiftedClock: Sendable {
    private let clock: SimulatedClock
    private let offset = Mutex<Milliseconds>(0)

    init(_ clock: SimulatedClock) { self.clock = clock }

    var now: Timestamp { clock.now + offset.withLock { $0 } }
    func shift(by length: Milliseconds) { offset.withLock { $0 = $0 + length } }
    /// Nothing in a simulation waits by itself.
    var wallClock: WallClock { WallClock(now: { self.now }, sleep: { _ in }) }
}
