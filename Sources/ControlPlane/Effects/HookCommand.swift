import Gates
import Glibc
import IngotModel

/// A hook's command on this machine.
struct HookCommand: Sendable {
    var command: [String]
    /// Variables beside the daemon's own.
    var environment: [String: String]
    var deadline: Milliseconds
    /// Held for as long as anything of it runs.
    var lock: HookLock

    /// - Throws: `GateError` `gates.command-not-started` when it can't be started at all; `ControlError`, `RuntimeError`.
    func run() async throws -> CommandOutcome {
        let held = try lock.hold()
        defer { close(held) }
        var bounded = BoundedCommand(ofUser: command, environment: environment, deadline: deadline)
        bounded.heldDescriptor = held
        return try await bounded.run()
    }
}
