import ArgumentParser
import Client
import IngotModel

struct Logs: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Show what the instances of an environment print.",
        discussion: """
            Lines to standard error are marked with '!'. With --output json, each line is one JSON object.

            Example:
              ingot logs production --tail 20
              ingot logs production --follow
              ingot logs production --instance 3f9a01c2
            """)

    @Argument(help: "The environment: `production`, or `service/production`.") var environment: EnvironmentArgument
    @Flag(name: .shortAndLong, help: "Go on with lines as they come.") var follow = false
    @Option(name: .shortAndLong, help: "How many lines of each instance to go back.") var tail: Int = 100
    @Option(help: "Of one instance only.") var instance: InstanceArgument?
    @OptionGroup var service: ServiceOptions
    @OptionGroup var options: GlobalOptions

    func validate() throws {
        if tail < 0 { throw ValidationError("--tail takes a number of lines, not \(tail).") }
    }

    func run() async throws {
        let client = options.client
        let target = try await ServiceChoice(options: service, client: client, console: console).environment(environment)
        for try await line in client.logs(of: target, instance: instance?.id, tail: tail, follow: follow) {
            console.stream(LogLineView(value: line))
        }
    }
}

/// The identifier of an instance, as it is written on the command line.
struct InstanceArgument: ExpressibleByArgument, Sendable {
    var id: InstanceID
    init?(argument: String) {
        guard let id = InstanceID(text: argument) else { return nil }
        self.id = id
    }
}
