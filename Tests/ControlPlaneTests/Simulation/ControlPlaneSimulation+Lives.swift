import API
import CFaultyDisk
import IngotModel
import Rollout
import Simulation

@testable import ControlPlane

// The daemon's beginnings and ends.
extension ControlPlaneSimulation {
    func boot() async {
        let life = disk.beginLife()
        do {
            let daemon = try await SimulatedDaemon(life: life, in: self)
            self.daemon = daemon
            isOvertaken = false
            tell("the daemon starts, in its life \(life.number)")
            await remember(daemon)
            try await daemon.begin()
        } catch let error as ControlError where error.code == "control.database-damaged" {
            fail("after life \(life.number - 1) the database is damaged: \(error.cause.map { "\($0)" } ?? "")")
        } catch {
            tell("the daemon does not start: \((error as? ControlError)?.code ?? "\(error)")")
            noteDeath()
            shutDown(life)
        }
        noteDeath()
    }

    private func shutDown(_ life: DiskLife) {
        life.end()
        daemon?.close()
        daemon = nil
    }

    func kill() {
        guard let daemon else { return }
        daemon.life.end()
        noteDeath()
    }

    /// The power of the whole machine is cut: the disk loses what was not synced, and every instance ends.
    func cutPower() {
        disk.losePower()
        noteDeath()
    }

    /// Takes note of a death that came in the middle of something.
    func noteDeath() {
        if disk.powerCuts > powerCuts {
            powerCuts = disk.powerCuts
            tell("the power is cut")
            host.withWorld { $0.reboot() }
            lookAtWorld()
        }
        guard let daemon, !daemon.life.isAlive else { return }
        tell("the daemon dies")
        outcome.crashes += 1
        daemon.close()
        self.daemon = nil
    }

    /// A daemon that does not notice that another one has taken its root goes on for a moment.
    func replaceDaemon() async {
        guard let old = daemon else { return }
        tell("a second daemon takes over")
        daemon = nil
        await boot()
        guard daemon != nil else { return old.close() }
        for _ in 0..<generator.number(in: 1...3) where old.life.isAlive {
            tell("the first one looks")
            isOvertaken = true
            _ = await old.controller.look()
            judge()
            noteDeath()
            wait(Milliseconds(generator.number(in: 1...500)))
            if daemon != nil, generator.happens(percent: 50) { await look() }
        }
        old.life.end()
        old.close()
        lookAtWorld()
    }

    // MARK: What must not have been forgotten

    private func remember(_ daemon: SimulatedDaemon) async {
        do {
            guard try await daemon.store.verifyEvents().isIntact else { return fail("the chain of events is broken") }
            guard let record = try await daemon.store.environment(environment) else { return fail("the environment is forgotten") }
            settleUnsettled(record)
            for release in try await daemon.store.releases(of: environment) { know(release, as: release.number) }
            fail(forgotten(record, try await daemon.store.rollouts(of: environment)))
            let rejected = try await daemon.store.rejectedImages()
            if !notebook.rejected.subtracting(notebook.unsure).isSubset(of: rejected) { fail("a rejection is forgotten") }
            if !rejected.isSubset(of: notebook.rejected.union(notebook.unsure)) { fail("an image is rejected that nobody rejected") }
            notebook.learn(rejected)
        } catch {
            tell("what it remembers can't be read: \(error)")
        }
    }

    /// Which of the decisions that were on their way to the disk came there.
    private func settleUnsettled(_ record: EnvironmentRecord) {
        let settled = unsettled.last { pass in
            guard pass.state == record.state else { return false }
            if !pass.wishes.isEmpty { return !record.wishes.starts(with: pass.wishes) }
            return pass.state != pass.steps.first?.before
        }
        if let settled {
            tell("the last decision had reached the disk")
            settle(settled)
        }
        unsettled = []
    }

    private func forgotten(_ record: EnvironmentRecord, _ records: [RolloutRecord]) -> String? {
        for wish in notebook.wishes {
            guard releases[wish.release]?.image == wish.image else { return "release \(wish.release), which was accepted, is forgotten" }
            let isUnderWay = record.state.rollout.map { $0.release == wish.release && $0.request.acceptedAt == wish.acceptedAt } ?? false
            let isPending = record.requests.contains { $0.request.release == wish.release && $0.request.acceptedAt == wish.acceptedAt }
            let ends = records.count { $0.release == wish.release && $0.acceptedAt == wish.acceptedAt }
            if ends + (isUnderWay ? 1 : 0) + (isPending ? 1 : 0) == 0 {
                return "the deployment of release \(wish.release), accepted at \(wish.acceptedAt), is forgotten"
            }
        }
        var left = record.wishes.compactMap { wish -> RolloutCommand? in if case .command(let command) = wish { command } else { nil } }[...]
        for command in notebook.commands {
            guard let index = left.firstIndex(of: command) else { return "\(command), which was accepted, is forgotten" }
            left = left[(index + 1)...]
        }
        return nil
    }

    // MARK: What must always hold

    /// Holds what is told against what is stored, while the daemon lives and nobody moves.
    func checkStatus() async {
        guard let daemon, daemon.life.isAlive, !hasFailed else { return }
        let status = await daemon.controller.status
        do {
            guard let record = try await daemon.store.environment(environment) else { return fail("the environment is gone") }
            let records = try await daemon.store.rollouts(of: environment)
            notebook.read(records)
            if isOvertaken, await daemon.controller.state == record.state { isOvertaken = false }
            if !isOvertaken { fail(contradiction(status, record, records)) }
            fail(forgotten(record, records))
        } catch {
            tell("the database can't be read: \(error)")
        }
    }

    private func contradiction(_ status: EnvironmentStatus, _ record: EnvironmentRecord, _ records: [RolloutRecord]) -> String? {
        if status.serving?.number != record.state.serving { return "the status says that \(status.serving?.number.value ?? 0) serves" }
        if status.lastRollout != records.first { return "the status has another last rollout than the database" }
        guard let rollout = record.state.rollout else {
            let pending = record.pending?.request.release
            return status.rollout?.release == pending ? nil : "the status says that \(status.rollout?.release.value ?? 0) is on its way"
        }
        let isSame = status.rollout.map { $0.number == rollout.number && $0.phase == rollout.phase.word && $0.release == rollout.release } ?? false
        return isSame ? nil : "the status says '\(status.rollout?.phase ?? "nothing")' of rollout \(rollout.number), which is \(rollout.phase.word)"
    }

    /// An image that is rejected gets no more traffic than it has.
    func rejectionViolation(of pass: PlannedPass) -> String? {
        let rejected = notebook.rejected.subtracting(notebook.unsure)
        for (number, share) in pass.plan.target.split.shares where share > pass.steps[0].before.target.split[number] {
            guard let image = releases[number]?.image, rejected.contains(image), pass.state.rollout?.release == number,
                pass.state.rollout?.isReturning == false
            else { continue }
            return "release \(number), whose image is rejected, gets traffic"
        }
        return nil
    }
}
