import API
import ArgumentParser
import Client
import IngotModel

struct Why: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "why", abstract: "Say what lets an image run in an environment, and what is missing.",
        discussion: """
            Every gate with what is known, by whom and since when, and what to do about each that says no. Nothing is done or recorded.

            Example:
              ingot why 6c3c624b58db production
              ingot why 1.4.0 shop/production --output json

            Ends with 0 when the image may run there, with 3 when something is missing.
            """)

    @Argument(help: "A digest (or 12 digits of it), a tag or a commit.") var image: String
    @Argument(help: "The environment: `production`, or `service/production`.") var environment: EnvironmentArgument
    @OptionGroup var service: ServiceOptions
    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let client = options.client
        let target = try await ServiceChoice(options: service, client: client, console: Console(format: .json)).environment(environment)
        let report = try await client.why(image, in: target)
        console.show(WhyView(value: report, now: Clock.now))
        if !report.mayRun { throw ExitCodes.gate }
    }
}
