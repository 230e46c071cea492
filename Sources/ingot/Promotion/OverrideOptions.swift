import ArgumentParser

/// Deploying in spite of a freeze, which takes two.
struct OverrideOptions: ParsableArguments {
    @Flag(help: "Deploy in spite of a freeze; another person must have approved it with --override-freeze.") var overrideFreeze = false
    @Option(name: .customLong("reason"), help: "Why it can't wait; it stands in the events.") var why: String?

    /// `nil` where a freeze is to hold.
    var reason: String? { overrideFreeze ? why : nil }

    func validate() throws {
        guard overrideFreeze == (why != nil) else { throw ValidationError("--override-freeze and --reason belong together.") }
    }
}
