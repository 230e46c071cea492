import API
import ArgumentParser
import Client
import IngotModel

struct Approve: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve", abstract: "Agree that an image may run in an environment.",
        discussion: """
            It is about this digest in this environment and nothing else, and ends by itself: after 24 hours, or what ingot.yaml says. Whoever \
            tested the image or had it promoted can't approve it, and neither does the approval of whoever deploys it count.

            Example:
              ingot approve 6c3c624b58db production --reason "looked at the change"
              ingot approve 6c3c624b58db production --override-freeze --reason "the certificate ends tonight"

            Ends with 3 when it is one's own work.
            """)

    @Argument(help: "A digest (or 12 digits of it), a tag or a commit.") var image: String
    @Argument(help: "The environment: `production`, or `service/production`.") var environment: EnvironmentArgument
    @Option(help: "Why; it stands in the events.") var reason: String?
    @Flag(help: "Agree, too, that it is deployed while the environment is frozen.") var overrideFreeze = false
    @OptionGroup var service: ServiceOptions
    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let client = options.client
        let target = try await ServiceChoice(options: service, client: client, console: console).environment(environment)
        let request = ApprovalRequest(reference: image, decision: .approved, reason: reason, overridesFreeze: overrideFreeze)
        console.show(DecisionView(value: try await client.decide(request, in: target)))
    }
}

struct Reject: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "reject", abstract: "Say that an image is not to run in an environment.",
        discussion: """
            No deployment takes it there until whoever rejected it approves it. What runs goes on; `ingot image reject` takes an image away \
            from everywhere.

            Example:
              ingot reject 6c3c624b58db production --reason "the migration is not ready"
            """)

    @Argument(help: "A digest (or 12 digits of it), a tag or a commit.") var image: String
    @Argument(help: "The environment: `production`, or `service/production`.") var environment: EnvironmentArgument
    @Option(help: "Why; whoever is refused reads it.") var reason: String
    @OptionGroup var service: ServiceOptions
    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let client = options.client
        let target = try await ServiceChoice(options: service, client: client, console: console).environment(environment)
        let request = ApprovalRequest(reference: image, decision: .rejected, reason: reason)
        console.show(DecisionView(value: try await client.decide(request, in: target)))
    }
}

struct DecisionView: View {
    var value: ApprovalAnswer

    func lines(_ style: TextStyle) -> [String] {
        let approval = value.approval
        let what = "\(approval.by) \(approval.decision.rawValue) image \(approval.image.short) for \(approval.environment)"
        let until = approval.expiresAt.map { " until \(Words.moment($0)) UTC" } ?? ""
        let freeze = approval.overridesFreeze ? ", also while it is frozen" : ""
        let missing = (value.gate?.objections ?? []).map { "still missing: \(Terminal.safe($0.message))" }
        return ["\(what)\(until)\(freeze)"] + (approval.decision == .approved ? missing : [])
    }
}
