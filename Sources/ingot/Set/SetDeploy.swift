import API
import ArgumentParser
import Client
import IngotModel

struct SetDeploy: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "deploy", abstract: "Let every member of a release set in, and move them in their order.",
        discussion: """
            Nothing moves before every member's image has passed its gates and its configuration and secrets are there. Then each member \
            begins when those that it comes after have succeeded. When one goes back, all go back.

            Example:
              ingot set deploy production release-set.yaml

            Ends with 0 when every member serves its release, 1 when the set went back, 3 when a member was refused.
            """)

    @OptionGroup var set: SetFile
    @Flag(help: "Return as soon as the set is accepted.") var detach = false
    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let client = options.client
        let accepted = try await client.deploy(try await set.request(client))
        guard !detach else { return console.show(SetView(value: accepted, now: Clock.now)) }
        let status = try await SetFollower(client: client, console: console).follow(accepted)
        guard status.state == .succeeded else { throw ExitCodes.world }
    }
}

struct SetPlan: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Show the order of a release set, and each member's plan, without doing anything.",
        discussion: """
            Example:
              ingot set plan production release-set.yaml
            """)

    @OptionGroup var set: SetFile
    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let client = options.client
        console.show(SetPlanView(value: try await client.plan(try await set.request(client))))
    }
}
