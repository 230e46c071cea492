import API
import ArgumentParser
import Client
import IngotModel

struct Events: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "List who did what, when, and to which digest.",
        discussion: """
            Each event holds the digest of the one before. --verify checks that chain and ends with 1 when it is broken. \
            With --output json and --follow, each event is one line.

            Example:
              ingot events
              ingot events --follow
              ingot events --verify
            """)

    @Flag(help: "Check the chain of digests instead.") var verify = false
    @Flag(name: .shortAndLong, help: "Go on with events as they happen.") var follow = false
    @Option(help: "At most this many, the newest ones.") var limit: Int = 50
    @Option(help: "Of one environment only.") var environment: EnvironmentArgument?
    @OptionGroup var service: ServiceOptions
    @OptionGroup var options: GlobalOptions

    func validate() throws {
        if verify, follow { throw ValidationError("--verify and --follow exclude each other.") }
        if verify, environment != nil { throw ValidationError("--verify is of the whole chain; leave --environment out.") }
    }

    func run() async throws {
        let client = options.client
        if verify {
            let verification = try await client.verifyEvents()
            console.show(VerificationView(value: verification))
            if !verification.isIntact { throw ExitCodes.world }
            return
        }
        let choice = ServiceChoice(options: service, client: client, console: console)
        let target: EnvironmentID? = if let environment { try await choice.environment(environment) } else { nil }
        let events = try await client.events(limit: limit, environment: target)
        guard follow else { return console.show(EventsView(value: events)) }
        for event in events { console.stream(EventView(value: event)) }
        for try await event in client.liveEvents(after: events.last?.sequence) where target == nil || event.environment == target {
            console.stream(EventView(value: event))
        }
    }
}
