import API
import ArgumentParser
import Client
import IngotModel

struct Promote: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "promote", abstract: "Let an image into an environment without deploying it.",
        discussion: """
            Every gate is asked; what they relied on is recorded, and the environment's tag, such as guestbook:production, names the image from \
            now on, for those who pull by it. `ingot deploy` promotes by itself.

            Example:
              ingot promote 6c3c624b58db production
              ingot promote staging production     what was promoted to staging

            Ends with 3 when a gate or somebody's lock said no.
            """)

    @Argument(help: "A digest (or 12 digits of it), a tag or a commit.") var image: String
    @Argument(help: "The environment: `production`, or `service/production`.") var environment: EnvironmentArgument
    @OptionGroup var override: OverrideOptions
    @OptionGroup var lock: LockOptions
    @OptionGroup var service: ServiceOptions
    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let client = options.client
        let choice = try await ServiceChoice(options: service, client: client, console: console).choice(environment)
        if let manifest = choice.manifest { try await client.register(manifest) }
        let target = choice.environment
        let token = try lock.token(for: target)
        let answer = try await lock.waiting(for: target, console) {
            try await client.promote(image, into: target, token: token, overrideFreeze: override.reason)
        }
        console.show(PromotedView(value: answer))
    }
}

struct PromotedView: View {
    var value: PromotionAnswer

    func lines(_ style: TextStyle) -> [String] {
        [
            "image \(value.image.short) may run in \(value.environment); \(value.tag) names it now",
            "deploy it with `ingot deploy \(value.environment) \(value.image.short)`",
        ]
    }
}
