import API
import ArgumentParser
import Client
import IngotModel

struct SecretRefreshCommand: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "refresh", abstract: "Ask the sources of an environment's secrets now, and roll out what has changed.",
        discussion: """
            What serves goes on with the new values: a release of the same image, by the environment's strategy. It is rolled out also with \
            `secrets-rotation: manual`, and after somebody rolled back from it.

            Example:
              ingot secret refresh production

            Ends with 0 when nothing has changed or the new release serves; with 1 when a source failed, when the rollout went back, and when \
            nothing is rolled out because another rollout or a release set is under way; with 3 when somebody's lock said no.
            """)

    @Argument(help: "The environment: `production`, or `service/production`.") var environment: EnvironmentArgument
    @Flag(help: "Return as soon as the rollout is accepted.") var detach = false
    @OptionGroup var lock: LockOptions
    @OptionGroup var service: ServiceOptions
    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let client = options.client
        let console = console
        let target = try await ServiceChoice(options: service, client: client, console: console).environment(environment)
        let token = try lock.token(for: target)
        let answer = try await lock.waiting(for: target, console) { try await client.refreshSecrets(of: target, token: token) }
        guard let release = answer.release, !detach else {
            console.show(SecretRefreshView(value: answer, now: Clock.now))
            return try Self.check(answer)
        }
        try await RolloutFollower(client: client, console: console, explains: false).follow(release)
        try Self.check(answer)
    }

    /// - Throws: `CommandError` when a value could not be read, or is not rolled out.
    static func check(_ answer: SecretRefreshAnswer) throws {
        let status = answer.status
        if let failed = status.secrets.first(where: { $0.error != nil }) {
            throw CommandError(
                "secret-not-refreshed", "\(failed.name) of \(status.environment) could not be read: \(Terminal.safe(failed.error ?? ""))",
                remedy: "the last good value stays in use; see 'ingot secret list \(status.environment.environment)'", fault: .world)
        }
        guard answer.release == nil, let waits = status.waits else { return }
        throw CommandError(
            "secret-not-rolled-out", "nothing is rolled out in \(status.environment): \(Terminal.safe(waits))",
            remedy: "wait until that is over ('ingot status \(status.environment.environment)'), then run 'ingot secret refresh' again",
            fault: .world)
    }
}

struct SecretRefreshView: View {
    var value: SecretRefreshAnswer
    var now: Timestamp

    func lines(_ style: TextStyle) -> [String] {
        let release = value.release.map { "release \($0.release) with the new values is accepted" }
        return SecretsView(value: value.status, now: now).lines(style) + (release.map { ["", $0] } ?? [])
    }
}
