import API
import ArgumentParser
import Client
import IngotModel

/// What commands understand that a lock may refuse.
struct LockOptions: ParsableArguments {
    @Option(help: ArgumentHelp("How long to wait for somebody else's lock; not at all if left out.", valueName: "time")) var lockTimeout: String?

    /// How often it is asked again: the answer is a look into the database.
    private static let pause = Milliseconds(500)

    func validate() throws {
        guard let lockTimeout else { return }
        guard Milliseconds(text: lockTimeout) != nil else {
            throw ValidationError("'\(lockTimeout)' is no length of time; write one such as 30s or 5m.")
        }
    }

    /// Asks until somebody else's lock no longer stands against it, or the time is over; then its refusal is the answer.
    func waiting<Answer>(for environment: EnvironmentID, _ console: Console, _ ask: () async throws -> Answer) async throws -> Answer {
        let deadline = ContinuousClock.now + (lockTimeout.flatMap { Milliseconds(text: $0) } ?? 0).duration
        let progress = console.progress()
        defer { progress.finish() }
        while true {
            do {
                return try await ask()
            } catch let error as ClientError where error.code == "control.locked" && ContinuousClock.now < deadline {
                progress.start("lock", "waiting: \(error.message)")
            }
            try await Task.sleep(until: min(deadline, .now + Self.pause.duration))
        }
    }

    /// The lock that this command was started under, if it is one of this environment.
    func token(for environment: EnvironmentID) throws -> FencingToken? { try Self.token(for: environment) }

    static func token(for environment: EnvironmentID) throws -> FencingToken? { try tokens()[environment] }

    static func tokens() throws -> LockTokens {
        guard let text = EnvironmentVariables.text(LockTokens.variable) else { return LockTokens() }
        guard let tokens = LockTokens(text: text) else {
            throw CommandError(
                "bad-lock-token", "\(LockTokens.variable) is '\(text.prefix(80))', which names no lock",
                remedy: "leave it as `ingot lock` set it, or unset it")
        }
        return tokens
    }
}

extension CommandError {
    /// What the daemon would say to a deployment, said before anything else is done for it.
    static func locked(_ environment: EnvironmentID, by lock: LockStatus) -> CommandError {
        CommandError(
            "locked", "\(environment) is locked by \(lock.holder): \(lock.reason); since \(lock.since)",
            remedy: "wait for it with --lock-timeout 5m, or take the lock away with `ingot unlock \(environment)`", fault: .gate)
    }
}
