extension ServiceSpecification {
    /// Environments of one service.
    public static let mostEnvironments = 32

    /// Why these settings can't be anybody's; empty when they can. The reader of `ingot.yaml` says more, with lines; this holds whoever speaks to the
    /// API to what everything else relies on, first of all that a name means one environment.
    public var mistakes: [String] {
        guard environments.count <= Self.mostEnvironments else {
            return ["it has \(environments.count) environments, more than \(Self.mostEnvironments)"]
        }
        return twice(\.name.name, "there are two environments called") + twice(\.host, "two environments have the host")
            + environments.flatMap(\.mistakes)
    }

    private func twice(_ part: (EnvironmentSpecification) -> String, _ words: String) -> [String] {
        let counts = Dictionary(environments.map { (part($0), 1) }, uniquingKeysWith: +)
        return counts.filter { $0.value > 1 }.keys.sorted().map { "\(words) '\($0.prefix(253))'" }
    }
}

extension EnvironmentSpecification {
    /// Instances of one environment.
    public static let mostInstances = 1_000

    var mistakes: [String] {
        var mistakes: [String] = []
        if name == .throwaway { mistakes.append("'throwaway' can't be the name of an environment: instances for tests are run under it") }
        if !(1...Self.mostInstances).contains(instances) {
            mistakes.append("\(name) has \(instances) instances; 1 to \(Self.mostInstances) are allowed")
        }
        if requiresApproval, !isProduction { mistakes.append("\(name) asks for an approval, and is not production") }
        if !SecretRefresh.intervals.contains(secretRefresh.interval) {
            mistakes.append("\(name) asks for its secrets every \(secretRefresh.interval); 1s to 1d are allowed")
        }
        for case (let secret, .vault(let place)) in secrets.sorted(by: { $0.key < $1.key })
        where !VaultReference.isPath(place.mount) || !VaultReference.isPath(place.path) {
            mistakes.append("\(name) has the secret \(secret.prefix(128)) at a path that is none")
        }
        return mistakes
    }
}
