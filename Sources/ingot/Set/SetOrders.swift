import API
import ArgumentParser
import Client
import IngotModel

/// What both orders to a set have in common.
struct SetOrderOptions: ParsableArguments {
    @Argument(help: "The number of the set.") var number: SetNumberArgument
    @Option(help: "Why; it stands in the events.") var reason: String?
    @Flag(help: "Return as soon as the set has turned.") var detach = false
    @OptionGroup var options: GlobalOptions

    /// - Throws: `ExitCode(1)` when a member is not back.
    func order(_ kind: ReleaseSetOrder.Kind) async throws {
        let client = options.client
        let status = try await client.order(kind, set: number.number, reason: reason)
        guard !detach else { return options.console.show(SetView(value: status, now: Clock.now)) }
        guard try await SetFollower(client: client, console: options.console).follow(status).left.isEmpty else { throw ExitCodes.world }
    }
}

struct SetAbort: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "abort", abstract: "Send a release set under way back: every member to what served before.",
        discussion: """
            Example:
              ingot set abort 3 --reason "wrong prices"

            Ends with 0 when every member is back, 1 when one is left to a person.
            """)
    @OptionGroup var order: SetOrderOptions
    var options: GlobalOptions { order.options }
    func run() async throws { try await order.order(.abort) }
}

struct SetRollback: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback", abstract: "Take a release set back, also one that has succeeded.",
        discussion: """
            Members go back in the reverse of their order, each to exactly the release that served before the set. A member that somebody \
            has moved on since is left as it is.

            Example:
              ingot set rollback 3

            Ends with 0 when every member is back, 1 when one is left to a person.
            """)
    @OptionGroup var order: SetOrderOptions
    var options: GlobalOptions { order.options }
    func run() async throws { try await order.order(.rollback) }
}
