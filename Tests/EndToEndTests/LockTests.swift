import Foundation
import Testing

/// The command `ingot lock` as a process of its own, against a daemon.
@Suite("Locks by the command line", .serialized)
struct LockCommandTests {
    private struct Status: Decodable {
        struct Lock: Decodable {
            var reason: String
            var token: Int
        }
        var lock: Lock?
    }

    private func lock(of workspace: Workspace) async throws -> Status.Lock? {
        try await workspace.ingot("status", "shop/production", "--output", "json").decoded(as: Status.self).lock
    }

    private func start(_ workspace: Workspace, _ arguments: [String]) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Workspace.executable("ingot"))
        process.arguments = ["lock", "production", "--reason", "migrating"] + arguments
        process.currentDirectoryURL = workspace.repository
        process.environment = workspace.environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    @Test("a command runs under its lock, deploys under it, and gives it back; others are refused meanwhile")
    func command() async throws {
        let workspace = try Workspace()
        defer { workspace.remove() }
        try await workspace.startDaemon()
        let image = try await workspace.build()
        try await expectSuccess(workspace.ingot("deploy", "production", image))
        let ingot = Workspace.executable("ingot")
        // Whoever comes without the token is refused; the command itself is not.
        let script = """
            env -u INGOT_LOCK_TOKEN \(ingot) deploy production \(image) 2>refused; echo $? >>refused
            \(ingot) deploy production \(image) && exit 7
            """
        let output = try await workspace.ingot("lock", "production", "--reason", "migrating", "--", "sh", "-c", script)
        #expect(output.exitCode == 7, "\(output.standardError)")
        let refused = try String(contentsOf: workspace.repository.appendingPathComponent("refused"), encoding: .utf8)
        #expect(refused.contains("is locked by user:root") && refused.contains("migrating") && refused.hasSuffix("\n3\n"), "\(refused)")
        #expect(try await lock(of: workspace) == nil)
        #expect(try await workspace.ingot("lock", "production", "--reason", "x", "--", "/no/such/program").exitCode == 2)
        #expect(try await lock(of: workspace) == nil)
    }

    @Test("killed by any signal it leaves no lock, and one that waited for it goes on", arguments: [SIGKILL, SIGTERM, SIGHUP, SIGINT])
    func killed(signal: Int32) async throws {
        let workspace = try Workspace()
        defer { workspace.remove() }
        try await workspace.startDaemon()
        let image = try await workspace.build()
        try await expectSuccess(workspace.ingot("deploy", "production", image))
        let holder = try start(workspace, [])
        defer { holder.kill() }
        try await eventually("it is locked") { try await lock(of: workspace) != nil }
        #expect(try await workspace.ingot("deploy", "production", image).exitCode == 3)
        let waiting = Task { try await workspace.ingot("deploy", "production", image, "--lock-timeout", "60s") }
        kill(holder.processIdentifier, signal)
        let killed = ContinuousClock.now
        #expect(try await waiting.value.exitCode == 0)
        // The lease is 15 s; the rest is for the machine.
        #expect(ContinuousClock.now - killed < .seconds(25))
        #expect(try await lock(of: workspace) == nil)
    }

    @Test("whose lock is taken away gets a SIGTERM, and ends with 1")
    func takenAway() async throws {
        let workspace = try Workspace()
        defer { workspace.remove() }
        try await workspace.startDaemon()
        try await expectSuccess(workspace.ingot("deploy", "production", workspace.build()))
        let script = "trap 'touch terminated; exit 0' TERM; while :; do read line < fifo; done"
        try await expectSuccess(workspace.run("/usr/bin/mkfifo", ["fifo"]))
        let holder = try start(workspace, ["--", "sh", "-c", script])
        defer { holder.kill() }
        try await eventually("it is locked") { try await lock(of: workspace) != nil }
        try await expectSuccess(workspace.ingot("unlock", "production"))
        try await eventually("the command has ended") { !holder.isRunning }
        #expect(holder.terminationStatus == 1)
        #expect(FileManager.default.fileExists(atPath: workspace.repository.appendingPathComponent("terminated").path))
        let events = try await workspace.ingot("events").standardOutput
        #expect(events.contains("lock.taken") && events.contains("user:root took lock 1 from user:root: migrating"))
    }
}
