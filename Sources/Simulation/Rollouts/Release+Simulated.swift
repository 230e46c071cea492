public import IngotModel
public import Rollout

extension EnvironmentID {
    /// The environment of most simulations.
    public static let simulated: EnvironmentID = {
        guard let environment = EnvironmentID(text: "shop/production") else { preconditionFailure("shop/production is an environment") }
        return environment
    }()
}

extension Release {
    /// A release for a simulation: short times, nothing that only a real engine needs.
    public static func simulated(
        _ number: Int, of environment: EnvironmentID = .simulated, instances: Int = 2, strategy: Strategy = .blueGreen,
        timing: RolloutTiming = .simulated, stopGrace: Milliseconds = 1_000
    ) -> Release {
        let readiness = Readiness(path: "/healthz", startInterval: 50, interval: 1_000, timeout: 2_000, rise: 2, fall: 3)
        let resources = Resources(memory: .mebibytes(64), milliCPU: 500, processes: 64)
        return Release(
            environment: environment, number: ReleaseNumber(number),
            image: Digest(bytes: repeatElement(UInt8(truncatingIfNeeded: number), count: 32)),
            commit: nil, isDirty: false, instances: instances,
            run: RunSettings(port: 8_080, readiness: readiness, stopGrace: stopGrace, resources: resources),
            host: "shop.example", configuration: [:], secretVersions: [:], strategy: strategy, timing: timing,
            createdAt: Timestamp(secondsSince1970: 1_767_225_600), createdBy: "user:root")
    }
}

extension RolloutTiming {
    /// Soak 2 s, progress deadline 20 s, drain 3 s, warm 5 s.
    public static let simulated = RolloutTiming(
        soak: .seconds(2), progressDeadline: .seconds(20), drain: .seconds(3), warm: .seconds(5))
}

extension Strategy {
    /// Strategies of every kind, with settings that show what they do.
    public static let allSimulated: [Strategy] = [
        .blueGreen, .recreate, .rolling(RollingUpdate(surge: .count(1), unavailable: .count(0))),
        .rolling(RollingUpdate(surge: .count(0), unavailable: .count(1))), .rolling(RollingUpdate(surge: .percent(50), unavailable: .percent(25))),
        .canary(Canary(steps: [500, 2_500, 7_500, 10_000].map { Canary.Step(share: BasisPoints($0)) })),
        .canary(
            Canary(
                steps: [Canary.Step(share: BasisPoints(2_000), soak: 500), Canary.Step(share: BasisPoints(5_000), waitsForPromotion: true)],
                testers: TesterMark(place: .header, name: "X-Tester", value: "yes"), isSticky: true)),
    ]

    var waitsForSomebody: Bool {
        guard case .canary(let canary) = self else { return false }
        return canary.steps.contains(where: \.waitsForPromotion)
    }

    /// Whether the only instance of a service may be taken out of service.
    var mayGoDark: Bool {
        guard case .rolling(let update) = self else { return self == .recreate }
        return update.unavailable.roundedDown(of: 1) > 0
    }

    /// The first strategy with this word.
    static func simulated(_ word: String) -> Strategy? { allSimulated.first { $0.word == word } }
}

extension RolloutCommand {
    var words: String {
        switch self {
        case .pause: "pause"
        case .resume: "resume"
        case .promote(let isFull): isFull ? "promote in full" : "promote"
        case .abort(let reason): "abort, because \(reason)"
        case .scale(let size): size.map { "scale to \($0)" } ?? "scale to what the release says"
        }
    }

    public static let allSimulated: [RolloutCommand] = [
        .pause, .resume, .promote(isFull: false), .promote(isFull: true), .abort(reason: "an operator aborted it"), .scale(4), .scale(1), .scale(nil),
    ]
}
