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
}
