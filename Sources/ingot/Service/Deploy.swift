import API
import ArgumentParser
import Client
import IngotModel

struct Deploy: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "deploy", abstract: "Make a release of an image in an environment, and move its traffic there.",
        discussion: """
            The image is named by digest (or 12 digits of it), tag, commit or release number. What ingot.yaml says of the \
            environment becomes part of the release. The rollout is followed until it has ended; it goes on in the daemon \
            if this command is interrupted.

            Example:
              ingot deploy production sha256:6c3c624b58db
              ingot deploy shop/production v1.2.0
              ingot deploy production 7            the image and settings of release 7
              ingot deploy production v1.2.0 --explain --lock-timeout 5m
              ingot deploy production staging      what was promoted to staging
              ingot deploy production 1a2b3c4 --override-freeze --reason "the certificate ends tonight"

            Ends with 0 when the new release serves, 1 when the rollout went back, 3 when a gate or somebody's lock said no.
            """)

    @Argument(help: "The environment: `production`, or `service/production`.") var environment: EnvironmentArgument
    @Argument(help: "A digest, tag, commit or release number.") var reference: String
    @Flag(help: "Return as soon as the rollout is accepted.") var detach = false
    @Flag(help: "Show the plan first, and while it is followed how long each wait lasts yet, what happens then, and what hinders.") var explain =
        false
    @OptionGroup var override: OverrideOptions
    @OptionGroup var lock: LockOptions
    @OptionGroup var service: ServiceOptions
    @OptionGroup var options: GlobalOptions

    func validate() throws {
        if explain, detach { throw ValidationError("What is not followed can't be explained: leave out --detach or --explain.") }
    }

    func run() async throws {
        let client = options.client
        let choice = try await ServiceChoice(options: service, client: client, console: console).choice(environment)
        if let manifest = choice.manifest { try await client.register(manifest) }
        let target = choice.environment
        if explain { show(try await client.plan(Self.wire(reference), in: target)) }
        let token = try lock.token(for: target)
        let accepted = try await lock.waiting(for: target, console) {
            try await client.deploy(Self.wire(reference), to: target, token: token, overrideFreeze: override.reason)
        }
        guard !detach else { return console.show(AcceptedView(value: accepted)) }
        try await RolloutFollower(client: client, console: console, explains: explain).follow(accepted)
    }

    private func show(_ plan: DeploymentPlan) {
        guard console.format == .text else { return console.stream(RolloutToldView(value: RolloutTold(kind: .plan, plan: plan))) }
        console.note((PlanView(value: plan).lines(console.errors.style) + [""]).joined(separator: "\n"))
    }

    /// As the API takes it: a commit has at least 7 digits, so fewer are the number of a release.
    static func wire(_ reference: String) -> String {
        let isNumber = (1...6).contains(reference.count) && reference.allSatisfy { $0.isASCII && $0.isNumber }
        return isNumber ? "release:\(reference)" : reference
    }
}
