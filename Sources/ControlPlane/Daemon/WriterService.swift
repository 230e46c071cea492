import ServiceLifecycle

/// Ends the daemon when another one has taken its root over.
struct WriterService: Service {
    let fence: WriterFence

    /// - Throws: `control.taken-over` then; returns when a graceful shutdown is asked for.
    func run() async throws {
        let error = await cancelWhenGracefulShutdown { await fence.whenOvertaken() }
        if let error { throw error }
    }
}
