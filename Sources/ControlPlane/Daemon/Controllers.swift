import IngotModel
import Synchronization

/// The controllers of all environments, and the running of them.
final class Controllers: Sendable {
    private let all = Mutex<[EnvironmentID: EnvironmentController]>([:])
    private let added: AsyncStream<EnvironmentController>
    private let continuation: AsyncStream<EnvironmentController>.Continuation

    init() { (added, continuation) = AsyncStream.makeStream() }

    subscript(environment: EnvironmentID) -> EnvironmentController? { all.withLock { $0[environment] } }

    var list: [EnvironmentController] { all.withLock { $0.values.sorted { $0.environment < $1.environment } } }

    /// Adds a controller, and runs it as soon as `run` does. The first one of an environment stays.
    func add(_ controller: EnvironmentController) {
        let isNew = all.withLock { all in
            guard all[controller.environment] == nil else { return false }
            all[controller.environment] = controller
            return true
        }
        if isNew { continuation.yield(controller) }
    }

    func wake(_ environment: EnvironmentID) { self[environment]?.wake() }

    /// Runs every controller, also those that are added later, until the task is cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await controller in added { group.addTask { await controller.run() } }
        }
    }

    /// Wakes the controllers of what a stream names, until it ends.
    func follow(_ changes: AsyncStream<EnvironmentID>) async {
        for await environment in changes { wake(environment) }
    }

    func endStatuses() {
        for controller in list { controller.statuses.finish() }
    }
}
