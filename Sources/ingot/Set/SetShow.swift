import API
import ArgumentParser
import Client

struct SetStatus: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show the release sets under way, and what each waits for.",
        discussion: """
            Example:
              ingot set status
            """)
    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let running = try await options.client.releaseSets().filter { !$0.state.hasEnded }
        console.show(RunningSetsView(value: running, now: Clock.now))
    }
}

struct SetList: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the release sets, newest first.",
        discussion: """
            Example:
              ingot set list
              ingot set list --output json
            """)
    @OptionGroup var options: GlobalOptions

    func run() async throws { console.show(SetListView(value: try await options.client.releaseSets(), now: Clock.now)) }
}

struct SetShow: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show one release set: its members, its steps, and what became of the requests.",
        discussion: """
            Each member's rollouts have a proof of their own: `ingot history` shows them.

            Example:
              ingot set show 3
            """)
    @Argument(help: "The number of the set.") var number: SetNumberArgument
    @OptionGroup var options: GlobalOptions

    func run() async throws {
        console.show(SetView(value: try await options.client.releaseSet(number.number), now: Clock.now, hasSteps: true))
    }
}
