import API
import ArgumentParser
import Client
import Foundation
import IngotModel

struct Lock: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "lock", abstract: "Keep everybody else from deploying to an environment.",
        discussion: """
            While a command runs, until Ctrl-C, or for a time. New deployments and scales by others are refused and told by whom and why; \
            rollbacks, aborts and pauses never are, and a rollout that runs goes on. The command finds its lock in INGOT_LOCK_TOKEN, so its \
            own deployments go through. However it ends, its lock ends with it: at the latest \(LeaseTerms.length) after it was killed. When the \
            lock is taken away meanwhile, the command gets SIGTERM.

            Example:
              ingot lock production --reason "migrating the database" -- ./migrate.sh
              ingot lock production --reason "looking into slow answers"            until Ctrl-C
              ingot lock production --reason "black friday" --for 12h

            Ends with the command's own exit code; with 3 when somebody else holds the environment, 1 when the lock was lost.
            """)

    @Argument(help: "The environment: `production`, or `service/production`.") var environment: EnvironmentArgument
    @Option(help: "Why; whoever is refused reads it.") var reason: String
    @Option(name: .customLong("for"), help: ArgumentHelp("How long the daemon keeps it, with nobody waiting.", valueName: "time")) var length: String?
    @Argument(parsing: .postTerminator, help: "What runs meanwhile, behind --.") var command: [String] = []
    @OptionGroup var lock: LockOptions
    @OptionGroup var service: ServiceOptions
    @OptionGroup var options: GlobalOptions

    /// It passes signals on to its command, and gives its lock back.
    static var isInterruptible: Bool { false }

    func validate() throws {
        guard let length else { return }
        guard let time = Milliseconds(text: length), (1...LeaseTerms.longest.count).contains(time.count) else {
            throw ValidationError("'\(length)' is no length of time up to \(LeaseTerms.longest); write one such as 2h.")
        }
        guard command.isEmpty else { throw ValidationError("A lock lasts as long as its command, or --for a time, not both.") }
    }

    func run() async throws {
        let client = options.client
        let console = console
        let target = try await ServiceChoice(options: service, client: client, console: console).environment(environment)
        let request = LockRequest(reason: reason, attempt: UUID().uuidString, keep: length.flatMap { Milliseconds(text: $0) })
        let (lock, command) = (lock, command)
        let tokens = try LockOptions.tokens()
        try await EndingSignals.watched { signals in
            let grant = try await signals.cancelling { try await lock.waiting(for: target, console) { try await client.lock(target, request) } }
            guard grant.heartbeat != nil else { return console.show(LockView(value: grant)) }
            let held = HeldLock(grant: grant, client: client, tokens: tokens.adding(grant.token, of: target))
            if command.isEmpty { console.show(LockView(value: grant)) }
            try await held.run(command, signals)
        }
    }
}

struct Unlock: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "unlock", abstract: "Take the lock of an environment from whoever has it.",
        discussion: """
            Who took it from whom stands in the events. A command that ran under it gets SIGTERM.

            Example:
              ingot unlock production
            """)

    @Argument(help: "The environment: `production`, or `service/production`.") var environment: EnvironmentArgument
    @OptionGroup var service: ServiceOptions
    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let client = options.client
        let target = try await ServiceChoice(options: service, client: client, console: console).environment(environment)
        console.show(UnlockView(value: try await client.unlock(target)))
    }
}

struct LockView: View {
    var value: LockGrant

    func lines(_ style: TextStyle) -> [String] {
        let until = value.heartbeat == nil ? "until \(Words.moment(value.until)) UTC" : "until Ctrl-C"
        return ["\(value.environment) is locked \(until), by lock \(value.token)"]
    }
}

struct UnlockView: View {
    var value: UnlockAnswer

    func lines(_ style: TextStyle) -> [String] {
        guard let ended = value.ended else { return ["\(value.environment) was not locked"] }
        return ["\(value.environment) is free; lock \(ended.token) was taken from \(ended.holder): \(ended.reason)"]
    }
}
