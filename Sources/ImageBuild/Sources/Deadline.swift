import IngotModel

/// An end to what waits for others.
enum Deadline {
    static func within<Result: Sendable>(
        _ duration: Duration, what: String, _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: duration)
                return nil
            }
            defer { group.cancelAll() }
            guard let result = try await group.next() ?? nil else {
                throw BuildError("fetch-timeout", "\(what) did not end within \(duration)", remedy: "try again later", fault: .world)
            }
            return result
        }
    }
}
