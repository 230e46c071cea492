import ArgumentParser
import Client
import IngotModel

struct Scale: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "scale", abstract: "Change how many instances an environment has, without a release.",
        discussion: """
            It holds for the release that serves and for those that replace it, until one says another number. Whoever is too many \
            drains first.

            Example:
              ingot scale production 6
              ingot scale production --reset       as many as the release says
            """)

    @Argument(help: "The environment: `production`, or `service/production`.") var environment: EnvironmentArgument
    @Argument(help: "How many instances.") var instances: Int?
    @Flag(help: "As many as the release says.") var reset = false
    @OptionGroup var lock: LockOptions
    @OptionGroup var service: ServiceOptions
    @OptionGroup var options: GlobalOptions

    func validate() throws {
        guard (instances == nil) == reset else { throw ValidationError("Say how many instances, or --reset.") }
        if let instances, instances < 1 { throw ValidationError("An environment has at least 1 instance, not \(instances).") }
    }

    func run() async throws {
        let client = options.client
        let target = try await ServiceChoice(options: service, client: client, console: console).environment(environment)
        let token = try lock.token(for: target)
        let status = try await lock.waiting(for: target, console) { try await client.scale(target, to: instances, token: token) }
        console.show(EnvironmentView(value: status, now: Clock.now))
    }
}
