/// The network of a RUN.
public enum RunNetwork: String, Hashable, Sendable, CaseIterable {
    /// The machine's.
    case `default`
    /// Nothing but `lo`.
    case none
    /// The machine's.
    case host

    /// As `--network` names it.
    public init(text: String) throws(BuildError) {
        guard let network = RunNetwork(rawValue: text) else {
            throw BuildError(
                "invalid-network", "'\(text.prefix(40))' is no network of a build", remedy: "say default, none or host")
        }
        self = network
    }
}

/// What a RUN may do.
enum RunSecurity: String, Hashable, Sendable, CaseIterable {
    /// What Docker's containers may.
    case sandbox
    /// All that this process may. Only where the request allows it.
    case insecure
}

extension RunInstruction {
    /// What the instruction says, or the request's where it says nothing or `default`.
    func network(_ request: BuildRequest, _ expansion: VariableExpansion) throws(BuildError) -> RunNetwork {
        guard let word = network else { return request.network }
        let text = try expansion.expand(word)
        guard let network = RunNetwork(rawValue: text) else {
            throw BuildError("invalid-network", at: word.location, "'\(text.prefix(40))' is no network of RUN", hint: "say default, none or host")
        }
        return network == .default ? request.network : network
    }

    func security(_ request: BuildRequest, _ expansion: VariableExpansion) throws(BuildError) -> RunSecurity {
        guard let word = security else { return .sandbox }
        let text = try expansion.expand(word)
        guard let security = RunSecurity(rawValue: text) else {
            throw BuildError("invalid-security", at: word.location, "'\(text.prefix(40))' is no security of RUN", hint: "say sandbox or insecure")
        }
        guard security == .sandbox || request.allowsInsecure else {
            throw BuildError(
                "insecure-not-allowed", at: word.location,
                "RUN --security=insecure gives the step every right on this machine, and this build may not",
                hint: "build with --allow security.insecure if you trust the Dockerfile")
        }
        return security
    }
}
