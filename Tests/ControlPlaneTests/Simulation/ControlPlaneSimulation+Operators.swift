import API
import IngotModel
import Rollout
import Simulation

@testable import ControlPlane

// Operators, and whatever deploys by itself.
extension ControlPlaneSimulation {
    private static let images = 12

    /// In the middle of a pass somebody may ask for something.
    func interrupt() async {
        guard mayInterrupt, !isCalm, generator.happens(percent: 5) else { return }
        mayInterrupt = false
        tell("meanwhile:")
        await act()
        mayInterrupt = true
    }

    /// Somebody asks for something; nothing, while the daemon is down.
    func act() async {
        // No two wishes come at the same moment.
        host.advance(by: 1)
        guard let daemon else { return }
        switch generator.number(in: 1...20) {
        case 1...6: await deploy(daemon, isAutomatic: generator.happens(percent: 35))
        case 7: await deployRelease(daemon)
        case 8...9: await rollBack(daemon, to: nil)
        case 10: await rollBack(daemon, to: generator.pick(releases.keys.sorted()))
        case 11...16: await order(daemon, generator.pick(RolloutOrder.Kind.allCases) ?? .pause)
        case 17: await scale(daemon, to: generator.pick([1, 3, 4, nil]) ?? nil)
        case 18: await reject(daemon, number: generator.number(in: 1...Self.images))
        case 19: await takeBack(daemon)
        default: await changeService(daemon)
        }
        noteDeath()
    }

    private func deploy(_ daemon: SimulatedDaemon, isAutomatic: Bool) async {
        if generator.happens(percent: 40) { await changeService(daemon) }
        let number = generator.number(in: 1...Self.images)
        let image = imageDigest(number)
        if behaviours[image] == nil {
            behaviours[image] = options.hasFaults ? someBehaviour() : .slow(Milliseconds(generator.number(in: 10...3_000)))
        }
        let wasLeft = notebook.left.contains(image)
        await ask("\(isAutomatic ? "automation" : "an operator") deploys image \(number)") {
            let answer = try await daemon.deployments.deploy("\(number)", to: self.environment, isAutomatic: isAutomatic, by: "user:eve")
            if isAutomatic, wasLeft { self.fail("image \(number) came back by itself though the environment went away from it") }
            if !isAutomatic { self.notebook.wanted(image) }
            try await self.accept(answer, daemon)
        }
    }

    private func deployRelease(_ daemon: SimulatedDaemon) async {
        guard let number = generator.pick(releases.keys.sorted()) else { return }
        await ask("an operator deploys release \(number)") {
            let answer = try await daemon.deployments.deploy("release:\(number)", to: self.environment, by: "user:eve")
            self.notebook.wanted(answer.image)
            try await self.accept(answer, daemon)
        }
    }

    private func rollBack(_ daemon: SimulatedDaemon, to number: ReleaseNumber?) async {
        let state = await daemon.controller.state
        let present = (state.rollout?.release ?? state.serving).flatMap { releases[$0]?.image }
        await ask("an operator rolls back\(number.map { " to release \($0)" } ?? "")") {
            let answer = try await daemon.deployments.rollBack(self.environment, to: number, by: "user:eve")
            if let present, present != answer.image { self.notebook.wentAway(from: present) }
            try await self.accept(answer, daemon)
        }
    }

    private func accept(_ answer: DeploymentAccepted, _ daemon: SimulatedDaemon) async throws {
        tell("accepted: release \(answer.release)")
        if notebook.rejected.subtracting(notebook.unsure).contains(answer.image) { fail("a deployment of a rejected image was accepted") }
        notebook.accepted(answer)
        if releases[answer.release] == nil, let release = try? await daemon.store.release(answer.release, of: environment) {
            know(release, as: release.number)
        }
    }

    func order(_ daemon: SimulatedDaemon, _ kind: RolloutOrder.Kind) async {
        await ask("an operator orders: \(kind.rawValue)") {
            try await daemon.deployments.order(RolloutOrder(kind: kind), in: self.environment, by: "user:eve")
            switch kind {
            case .pause: self.notebook.accepted(.pause)
            case .resume: self.notebook.accepted(.resume)
            case .promote: self.notebook.accepted(.promote(isFull: false))
            case .promoteFull: self.notebook.accepted(.promote(isFull: true))
            case .abort: self.notebook.accepted(.abort(reason: "user:eve aborted it"))
            case .retry:
                guard let last = try? await daemon.store.rollouts(of: self.environment, limit: 1).first else { return }
                self.notebook.wanted(last.image)
            }
        }
    }

    private func scale(_ daemon: SimulatedDaemon, to size: Int?) async {
        await ask("an operator scales to \(size.map { "\($0)" } ?? "what the release says")") {
            try await daemon.deployments.scale(self.environment, to: size, by: "user:eve")
            self.notebook.accepted(.scale(size))
        }
    }

    private func reject(_ daemon: SimulatedDaemon, number: Int) async {
        let image = imageDigest(number)
        notebook.rejected(image, isSure: false)
        await ask("an operator rejects image \(number)") {
            _ = try await daemon.deployments.reject(RejectionRequest(reference: "\(number)", reason: "it is bad"), by: "user:eve")
            self.notebook.rejected(image, isSure: true)
        }
    }

    private func takeBack(_ daemon: SimulatedDaemon) async {
        guard let image = generator.pick(notebook.rejected.sorted { $0.hex < $1.hex }) else { return }
        notebook.acceptedAgain(image, isSure: false)
        await ask("an operator takes the rejection of image \(image.hex.suffix(4)) back") {
            _ = try await daemon.deployments.accept(image, by: "user:eve")
            self.notebook.acceptedAgain(image, isSure: true)
        }
    }

    /// What the next release is like.
    func changeService(_ daemon: SimulatedDaemon) async {
        var next = someEnvironment()
        if !options.hasFaults { next.hooks = [] }
        specification = serviceSpecification(environments: [next])
        await ask("the service is changed: \(next.instances) instances, \(next.strategy.word), \(next.hooks.count) hooks") {
            try await daemon.store.register(self.specification, by: "user:eve")
            await daemon.controller.changeHost(next.host)
        }
    }

    private func someEnvironment() -> EnvironmentSpecification {
        var next = environmentSpecification("production", strategy: generator.pick(Strategy.allSimulated) ?? .blueGreen)
        next.timing = .simulated
        next.instances = generator.number(in: 1...4)
        if generator.happens(percent: 25), let point = generator.pick(RolloutHook.Point.allCases) {
            next.hooks = [RolloutHook(name: "check", point: point, action: .command(["true"]), deadline: .seconds(5))]
        }
        if generator.happens(percent: 30) {
            next.analysis = AnalysisPolicy(errors: BasisPoints(100), requests: generator.number(in: 0...20), falseAlarm: BasisPoints(100))
        }
        return next
    }

    private func someBehaviour() -> InstanceBehaviour {
        switch generator.number(in: 1...20) {
        case 1...10: .good
        case 11...12: .slow(Milliseconds(generator.number(in: 10...15_000)))
        case 13: .neverHealthy
        case 14: .diesAtOnce
        case 15: .diesLater(after: Milliseconds(generator.number(in: 600...5_000)))
        case 16: .diesLater(after: Milliseconds(generator.number(in: 5_000...60_000)))
        case 17: .getsSick(after: Milliseconds(generator.number(in: 600...20_000)))
        case 18: .cannotStart("the image is gone")
        default: .ignoresStop
        }
    }

    /// What a refusal may be about; anything else is a mistake.
    private static let refusals: Set<String> = [
        "control.held", "control.image-rejected", "control.nothing-moves", "control.nothing-to-retry", "control.nothing-to-roll-back-to",
        "control.not-found", "control.disk-full", "control.database-write-failed", "control.database-read-failed",
    ]

    private func ask(_ what: String, _ body: () async throws -> Void) async {
        tell(what)
        do {
            try await body()
        } catch let error as ControlError where Self.refusals.contains(error.code) {
            tell("refused: \(error.message)")
        } catch {
            // A gate that refuses a rejected image, and a daemon that died.
            tell("no: \(error)")
        }
    }
}
