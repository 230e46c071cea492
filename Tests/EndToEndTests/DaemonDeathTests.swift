import Foundation
import Testing

/// The daemon may die at any line: traffic goes on, and the deployment comes to one of its two proper ends.
@Suite("Death of the daemon", .serialized)
struct DaemonDeathTests {
    @Test("killed at ten random moments of a blue-green deployment under load, it loses no request and ends the deployment")
    func killedAtRandomMoments() async throws {
        let workspace = try Workspace()
        defer { workspace.remove() }
        try await workspace.startDaemon()
        try await expectSuccess(workspace.ingot("deploy", "production", workspace.build()))
        let load = Load(port: workspace.port, host: workspace.host)
        var random = SystemRandomNumberGenerator()

        for round in 2...11 {
            try workspace.commit(version: round)
            let image = try await workspace.build()
            let moment = Int.random(in: 0...400, using: &random)
            let deployment = Task.detached { try await workspace.ingot("deploy", "production", image) }
            let start = ContinuousClock.now
            try await eventually("\(moment) ms have passed") { ContinuousClock.now - start > .milliseconds(moment) }
            workspace.killDaemon()
            try await workspace.startDaemon()
            // Whoever follows it sees it go on, or is told that the daemon was lost.
            _ = try await deployment.value
            // A kill before the request was accepted leaves nothing to end; asking again is what a user would do.
            try await expectSuccess(workspace.ingot("deploy", "production", image))
            try await eventually("round \(round), killed after \(moment) ms: the new version answers", log: workspace.daemonLog) {
                load.soFar.bodies["version \(round)\n", default: 0] > 0
            }
            #expect(load.soFar.failures.isEmpty, "round \(round), killed after \(moment) ms: \(load.soFar.failures.prefix(5))")
        }

        let count = await load.end()
        #expect(count.failures.isEmpty, "\(count.failures.prefix(5))")
        #expect(try await workspace.ingot("events", "--verify").exitCode == 0)
    }

    @Test("a hook that it leaves ends with all it has started, before it is run again")
    func hook() async throws {
        let workspace = try Workspace()
        defer { workspace.remove() }
        let log = workspace.folder.appendingPathComponent("hook.log").path
        // The first run hangs, with one child in a session of its own; each says who of those before still lives.
        let script = """
            for before in $(cut -d' ' -f2 \(log)); do [ ! -d /proc/$before ] || echo overlap $before >> \(log); done
            echo run $$ >> \(log)
            [ $(grep -c run \(log)) = 1 ] || exit 0
            setsid sh -c 'echo child $$ >> \(log); sleep 600' &
            sleep 600
            """
        let file = workspace.folder.appendingPathComponent("hook.sh")
        try Data("#!/bin/sh\ntouch \(log)\n\(script)\n".utf8).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
        try workspace.write(
            "ingot.yaml", Workspace.manifest(timing: "soak: 0s, hooks: [{ name: a, at: ready, run: [\(file.path)], deadline: 2m }]"))
        try workspace.commit(version: 2)
        let image = try await workspace.build()
        try await workspace.startDaemon()
        let deployment = Task.detached { try await workspace.ingot("deploy", "production", image) }
        func lines() -> [String] { ((try? String(contentsOfFile: log, encoding: .utf8)) ?? "").split(separator: "\n").map(String.init) }
        try await eventually("the hook and its child to run", log: workspace.daemonLog) { lines().count == 2 }
        workspace.killDaemon()
        try await workspace.startDaemon()
        _ = try await deployment.value
        try await expectSuccess(workspace.ingot("deploy", "production", image))
        #expect(lines().map { $0.split(separator: " ")[0] } == ["run", "child", "run"], "\(lines())")
    }
}
