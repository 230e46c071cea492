public import IngotModel
import Synchronization
import SystemPackage

extension LocalEngine {
    /// What an instance has printed, oldest first.
    ///
    /// - Parameters:
    ///   - last: only so many lines of what is there already; all when `nil`.
    ///   - follow: whether to go on with what it prints from now, until it has ended or the task is cancelled.
    public func logs(of id: InstanceID, last: Int? = nil, follow: Bool = false) -> AsyncStream<LogRecord> {
        AsyncStream(bufferingPolicy: .bufferingNewest(EngineLimits.bufferedLogLines)) { continuation in
            let task = Task { [self] in
                await copyLogs(of: id, last: last, follow: follow, to: continuation)
                continuation.finish()
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    /// What the instances of an environment have printed, by time; followed, also those that are started later.
    public func logs(of environment: EnvironmentID, last: Int? = nil, follow: Bool = false) -> AsyncStream<LogRecord> {
        AsyncStream(bufferingPolicy: .bufferingNewest(EngineLimits.bufferedLogLines)) { continuation in
            let task = Task { [self] in
                await copyLogs(of: environment, last: last, follow: follow, to: continuation)
                continuation.finish()
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }

    private func copyLogs(of id: InstanceID, last: Int?, follow: Bool, to continuation: AsyncStream<LogRecord>.Continuation) async {
        var log = LogFolder(folder.instance(id).log)
        let first = log.read()
        for record in last.map({ first.suffix(max(0, $0)) }) ?? first[...] { continuation.yield(record) }
        if follow { await followLogs(of: id, after: log, to: continuation) }
    }

    /// Goes on behind what was read, until the instance has ended or the task is cancelled.
    private func followLogs(of id: InstanceID, after log: LogFolder, to continuation: AsyncStream<LogRecord>.Continuation) async {
        let files = folder.instance(id)
        var log = log
        let changes = changes()
        guard let watch = FolderWatch() else { return }
        // The folder of an instance that was only decided on is not there yet, and can't be watched: the engine tells when
        // the instance runs. It also tells when one that never got a folder is given up.
        let pokes = Task { for await _ in changes { watch.poke() } }
        defer { pokes.cancel() }
        watch.poke()
        for await _ in watch.changes {
            // Asked before reading: what was printed before the end is then read below.
            let hasEnded = state.withLock { $0.instances[id] == nil } || SystemFile.exists(files.exit)
            watch.add(files.path)
            watch.add(files.log)
            for record in log.read() { continuation.yield(record) }
            if hasEnded || Task.isCancelled { return }
        }
    }

    private func copyLogs(
        of environment: EnvironmentID, last: Int?, follow: Bool, to continuation: AsyncStream<LogRecord>.Continuation
    ) async {
        let changes = changes()
        var known: [InstanceID: LogFolder] = [:]
        var before: [LogRecord] = []
        for id in instances(of: environment) {
            var log = LogFolder(folder.instance(id).log)
            before += log.read()
            known[id] = log
        }
        before.sort { $0.at < $1.at }
        for record in last.map({ before.suffix(max(0, $0)) }) ?? before[...] { continuation.yield(record) }
        guard follow else { return }
        await withDiscardingTaskGroup { group in
            for (id, log) in known { group.addTask { await self.followLogs(of: id, after: log, to: continuation) } }
            for await changed in changes where changed == environment {
                for id in instances(of: environment) where known[id] == nil {
                    let log = LogFolder(folder.instance(id).log)
                    known[id] = log
                    group.addTask { await self.followLogs(of: id, after: log, to: continuation) }
                }
            }
            group.cancelAll()
        }
    }

    /// Running and ended ones.
    private func instances(of environment: EnvironmentID) -> [InstanceID] {
        let running = state.withLock { machine in
            machine.instances.values.filter { $0.launch.fleet.environment == environment }.map(\.launch.id)
        }
        let ended = ended.withLock { ended in
            ended.records.map(\.identity).filter { $0.specification.fleet.environment == environment }.map(\.id)
        }
        return ended + running
    }

    /// The end of what an instance has printed, for the description of a failure.
    func lastLines(of id: InstanceID) -> [String] {
        var log = LogFolder(folder.instance(id).log)
        return log.read().suffix(EngineLimits.linesInFailure).map { String($0.line.prefix(EngineLimits.lineLength)) }
    }
}
