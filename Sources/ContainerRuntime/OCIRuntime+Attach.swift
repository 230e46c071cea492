import CLinux
import Dispatch
import Glibc

extension OCIRuntime {
    /// Runs a container whose first process has the caller's terminal, to its end, and removes every trace of it.
    ///
    /// - Parameters:
    ///   - name, bundle: as for `run`.
    ///   - input, output: open descriptors of the caller. When `input` is a terminal, the container gets one of its own
    ///     and the runtime passes on what goes between the two.
    public func runAttached(
        _ specification: RuntimeSpecification, named name: String, bundle: String, input: Int32, output: Int32
    ) async throws -> ExitStatus {
        var specification = specification
        specification.process.terminal = isatty(input) == 1
        try SmallFile.write(specification.json(), to: "\(bundle)/config.json")
        let command = command(["--log", "\(bundle)/runtime.log", "run", "--bundle", bundle, name], workingDirectory: bundle)
        let group = ControlGroup(path: specification.linux.cgroupsPath)
        let process = try command.spawnAttached(input: input, output: output)
        let status = await withTaskCancellationHandler {
            await Self.end(of: process)
        } onCancel: {
            group.processes().forEach { kill($0, SIGKILL) }
            kill(process, SIGTERM)
        }
        await remove(name, group: group, force: true)
        try Task.checkCancellation()
        guard let status else { throw RuntimeError.startFailed(self.name, RuntimeLog.lastMessage(at: "\(bundle)/runtime.log")) }
        return status
    }

    /// Waits on a thread of its own, so that no other task is kept waiting.
    private static func end(of process: pid_t) async -> ExitStatus? {
        await withCheckedContinuation { continuation in
            DispatchQueue(label: "ingot.attached-command").async {
                var status: Int32 = 0
                while waitpid(process, &status, 0) < 0, errno == EINTR {}
                continuation.resume(returning: ExitStatus(waitStatus: status))
            }
        }
    }
}

extension ReapedCommand {
    func spawnAttached(input: Int32, output: Int32) throws(RuntimeError) -> pid_t {
        let process = CStringArray.with(arguments) { arguments in
            CStringArray.with(environment) { environment in
                clinux_spawn_attached(path, arguments, environment, input, output, hiddenMount, workingDirectory)
            }
        }
        guard process > 0 else { throw .systemCall("fork", on: path, errno: errno) }
        return process
    }
}
