import Glibc
public import IngotModel

extension OCIRuntime {
    /// Runs a container to its end and removes every trace of it: its processes, control group and state.
    ///
    /// When the task is cancelled or the deadline passes, all of its processes are killed first. The
    /// root file system is mounted by the caller and stays.
    ///
    /// - Parameters:
    ///   - name: unique on this machine, the one in the specification's control group path.
    ///   - bundle: an existing folder of the caller's; `config.json`, `pid` and `runtime.log` are written into it.
    ///   - output: gets standard output and error together, in pieces of up to 64 KiB, in order, on a
    ///     thread of the run's own; what it does slowly holds the container up.
    /// - Throws: `runtime.start-failed`, `runtime.deadline-passed`, `CancellationError`.
    public func run(
        _ specification: RuntimeSpecification, named name: String, bundle: String, deadline: Milliseconds? = nil,
        output: @escaping @Sendable ([UInt8]) -> Void
    ) async throws -> ExitStatus {
        try SmallFile.write(specification.json(), to: "\(bundle)/config.json")
        unlink("\(bundle)/pid")
        unlink("\(bundle)/runtime.log")
        let command = command(
            ["--log", "\(bundle)/runtime.log", "run", "--detach", "--pid-file", "\(bundle)/pid", "--bundle", bundle, name],
            workingDirectory: bundle)
        let group = ControlGroup(path: specification.linux.cgroupsPath)
        let result: ReapedCommand.Result
        do {
            result = try await command.run(deadline: deadline, output: output)
        } catch {
            group.killAndRemove()
            throw error
        }
        let hadOutOfMemoryKill = group.hadOutOfMemoryKill()
        await remove(name, group: group, force: result.exit?.isSuccess != true)
        if result.passedDeadline, let deadline { throw RuntimeError.deadlinePassed(deadline) }
        try Task.checkCancellation()
        return try status(result, bundle: bundle, hadOutOfMemoryKill: hadOutOfMemoryKill)
    }

    /// The first process's end, found by the pid that the runtime wrote.
    private func status(
        _ result: ReapedCommand.Result, bundle: String, hadOutOfMemoryKill: Bool
    ) throws(RuntimeError) -> ExitStatus {
        if let failure = result.failure { throw .systemCall("execve", on: path, errno: failure) }
        guard result.exit?.isSuccess == true, let text = try? SmallFile.text(at: "\(bundle)/pid", limit: 64),
            let status = pid_t(text.filter(\.isNumber)).flatMap(result.status(of:)).flatMap(ExitStatus.init(waitStatus:))
        else { throw .startFailed(name, RuntimeLog.lastMessage(at: "\(bundle)/runtime.log")) }
        return status == .signal(Int(SIGKILL)) && hadOutOfMemoryKill ? .outOfMemory : status
    }

    /// Removes a container whose processes have ended. It must happen although the task is cancelled.
    func remove(_ name: String, group: ControlGroup, force: Bool) async {
        let command = command(["delete"] + (force ? ["--force"] : []) + [name], workingDirectory: nil)
        let removal = Task.detached { try? await command.runToEnd(deadline: .seconds(10)) }
        _ = await removal.value
        group.killAndRemove()
    }

    func command(_ arguments: [String], workingDirectory: String?) -> ReapedCommand {
        ReapedCommand(
            path: path, arguments: [name, "--root", Self.stateFolder] + arguments, workingDirectory: workingDirectory,
            hiddenMount: hidesUnifiedHierarchy ? CgroupLayout.unifiedMountPoint : nil)
    }
}
