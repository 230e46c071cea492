import API
import ArgumentParser
import Client

struct RolloutCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollout", abstract: "Steer the rollout under way.",
        subcommands: [RolloutPause.self, RolloutResume.self, RolloutPromote.self, RolloutAbort.self, RolloutRetry.self])
}

/// What all orders to a rollout have in common.
struct RolloutOrderOptions: ParsableArguments {
    @Argument(help: "The environment: `production`, or `service/production`.") var environment: EnvironmentArgument
    @Option(help: "Why; it stands in the events.") var reason: String?
    @OptionGroup var service: ServiceOptions
    @OptionGroup var options: GlobalOptions

    func order(_ kind: RolloutOrder.Kind) async throws {
        let client = options.client
        let console = options.console
        let target = try await ServiceChoice(options: service, client: client, console: console).environment(environment)
        let token = try LockOptions.token(for: target)
        console.show(EnvironmentView(value: try await client.order(kind, in: target, reason: reason, token: token), now: Clock.now))
    }
}

/// One order; whatever goes wrong is told like with every command.
protocol RolloutOrderCommand: IngotCommand {
    var order: RolloutOrderOptions { get }
}

extension RolloutOrderCommand {
    var options: GlobalOptions { order.options }
}

struct RolloutPause: RolloutOrderCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Stop a rollout at its present step.",
        discussion: """
            Health is still watched, and a release that breaks still goes back; but no step follows, and time does not count.

            Example:
              ingot rollout pause production --reason "the database is slow"
            """)
    @OptionGroup var order: RolloutOrderOptions
    func run() async throws { try await order.order(.pause) }
}

struct RolloutResume: RolloutOrderCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Let a paused rollout go on.",
        discussion: """
            Example:
              ingot rollout resume production
            """)
    @OptionGroup var order: RolloutOrderOptions
    func run() async throws { try await order.order(.resume) }
}

struct RolloutPromote: RolloutOrderCommand {
    static let configuration = CommandConfiguration(
        commandName: "promote", abstract: "Skip what a rollout waits for at its present step.",
        discussion: """
            The soak, the verdict of the analysis, a step that waits for somebody, a pause. Never health.

            Example:
              ingot rollout promote production
              ingot rollout promote production --full     all further steps too
            """)
    @Flag(help: "Skip all further steps too.") var full = false
    @OptionGroup var order: RolloutOrderOptions
    func run() async throws { try await order.order(full ? .promoteFull : .promote) }
}

struct RolloutAbort: RolloutOrderCommand {
    static let configuration = CommandConfiguration(
        commandName: "abort", abstract: "Send a rollout back to the release before.",
        discussion: """
            Example:
              ingot rollout abort production --reason "wrong price on the front page"
            """)
    @OptionGroup var order: RolloutOrderOptions
    func run() async throws { try await order.order(.abort) }
}

struct RolloutRetry: RolloutOrderCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Deploy once more the release whose rollout failed last.",
        discussion: """
            Example:
              ingot rollout retry production
            """)
    @OptionGroup var order: RolloutOrderOptions
    func run() async throws { try await order.order(.retry) }
}
