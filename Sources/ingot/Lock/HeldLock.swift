import API
import ArgumentParser
import Client
import Glibc
import IngotModel
import Synchronization

/// A lock that lasts as long as a command, or until a signal: it sends the heartbeats, and gives the lock back.
struct HeldLock {
    let grant: LockGrant
    let client: Client
    /// All locks that a command under this one has.
    let tokens: LockTokens

    /// Runs the command to its end; with none, waits for a signal.
    ///
    /// - Throws: `ExitCode` of the command, or the error by which the lock was lost.
    func run(_ command: [String], _ signals: EndingSignals) async throws {
        let lost = Mutex<(any Error)?>(nil)
        let heart = Task {
            let error = await heartbeats()
            guard let error else { return }
            lost.withLock { $0 = error }
            signals.end()
        }
        let code: CInt
        do {
            code = try await Self.code(of: command, tokens, signals)
        } catch {
            heart.cancel()
            try? await client.releaseLock(grant.token, of: grant.environment)
            throw error
        }
        heart.cancel()
        if let error = lost.withLock({ $0 }) { throw error }
        // Not answered, it ends by itself: nothing that the command did depends on it.
        try? await client.releaseLock(grant.token, of: grant.environment)
        if code != 0 { throw ExitCode(code) }
    }

    /// Returns why the lock was lost; `nil` when the task is cancelled. A daemon that is away for a while is no reason as long as it can still hold.
    private func heartbeats() async -> (any Error)? {
        var renewed = ContinuousClock.now
        while true {
            do { try await Task.sleep(for: LeaseTerms.heartbeat.duration) } catch { return nil }
            let asked = ContinuousClock.now
            do {
                _ = try await client.renewLock(grant.token, of: grant.environment)
                renewed = asked
            } catch let error as ClientError where error.code == "control.lock-lost" || ContinuousClock.now - renewed > LeaseTerms.length.duration {
                return CommandError("lock-lost", "the lock of \(grant.environment) was lost", remedy: error.remedy, fault: .world, cause: error)
            } catch {
                continue
            }
        }
    }

    private static func code(of command: [String], _ tokens: LockTokens, _ signals: EndingSignals) async throws -> CInt {
        guard !command.isEmpty else {
            await signals.wait()
            return 0
        }
        let process = try ForegroundCommand.start(command, variables: [LockTokens.variable: tokens.text])
        signals.pass(to: process.id)
        let code = await process.end()
        signals.pass(to: nil)
        return code
    }
}
