import GRDB
import IngotModel

extension ControlStore {
    /// Of how many rollouts an environment keeps the results of hooks.
    static let rolloutsWithHookResults = 20

    /// The results of hooks in the rollouts that are kept, in the order of their runs.
    func hookResults(in environment: EnvironmentID) async throws -> [HookResult] {
        try await read { database in
            try String.fetchAll(
                database, sql: "SELECT body FROM hookResults WHERE environment = ? ORDER BY rollout, step, hook",
                arguments: [environment.text])
        }.map { try Self.decode(HookResult.self, $0, table: "hookResults", key: environment.text) }
    }

    /// Keeps how a run of a hook ended. The first result of a run stays.
    func save(_ result: HookResult, in environment: EnvironmentID) async throws {
        let body = try CanonicalJSON.text(result)
        try await write([]) { database in
            try database.execute(
                sql: "INSERT INTO hookResults (environment, rollout, step, hook, body) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                arguments: [environment.text, result.run.rollout.value, result.run.step, result.run.hook, body])
            try database.execute(
                sql: """
                    DELETE FROM hookResults WHERE environment = ? AND rollout NOT IN
                        (SELECT DISTINCT rollout FROM hookResults WHERE environment = ? ORDER BY rollout DESC LIMIT ?)
                    """, arguments: [environment.text, environment.text, Self.rolloutsWithHookResults])
        }
    }
}
