public import IngotModel

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
    /// A strategy by its word, with settings that show what it does.
    static func simulated(_ word: String) -> Strategy? {
        switch word {
        case "recreate": .recreate
        case "rolling": .rolling(RollingUpdate(surge: .count(1), unavailable: .count(0)))
        case "blue-green": .blueGreen
        case "canary": .canary(Canary(steps: [500, 2_500, 7_500, 10_000].map { Canary.Step(share: BasisPoints($0)) }))
        default: nil
        }
    }
}
