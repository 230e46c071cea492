import CLinux
import Glibc

/// The one loop that waits: for signals, ends of processes, output and the end of the grace.
struct InstanceFollower {
    private let command: RuntimeCommand
    private let group: ControlGroup
    private let stopSignal: Int32
    private let signals: Int32
    private var outputs: Outputs
    private var lifecycle: Lifecycle
    private var runtime: pid_t = 0
    private var firstProcess: pid_t = 0
    /// Of those that have ended, by pid, as waitpid(2) gives them.
    private var statuses: [pid_t: Int32] = [:]

    init(_ arguments: Arguments) throws(SupervisorError) {
        command = RuntimeCommand(runtime: arguments.runtime, folder: arguments.folder, instance: arguments.instance)
        group = ControlGroup(instance: arguments.instance)
        stopSignal = arguments.stopSignal
        lifecycle = Lifecycle(graceMilliseconds: arguments.graceMilliseconds)
        let log = try LogWriter(
            folder: "\(arguments.folder)/log", instance: arguments.instance, fileLimit: arguments.logBytes, fileCount: arguments.logFiles)
        outputs = try Outputs(log: log)
        let awaited = [SIGTERM, SIGINT, SIGCHLD]
        signals = clinux_make_signal_descriptor(awaited, Int32(awaited.count))
        guard signals >= 0 else { throw .systemCall("signalfd", on: "SIGTERM, SIGINT, SIGCHLD") }
        guard clinux_become_subreaper() == 0 else { throw .systemCall("prctl", on: "PR_SET_CHILD_SUBREAPER") }
    }

    /// Returns the instance's first process when it runs, or has run and ended already.
    mutating func start() throws(SupervisorError) -> ProcessIdentity {
        let writers = outputs.writers
        runtime = try command.start(output: writers.output, error: writers.error)
        outputs.closeWriters()
        while statuses[runtime] == nil { waitForEvents() }
        guard statuses[runtime] == 0 else { throw startFailure() }
        firstProcess = try command.firstProcess()
        let identity = try ProcessIdentity(pid: firstProcess)
        perform(lifecycle.startSucceeded())
        reap()
        unlink(command.logFile)
        return identity
    }

    mutating func followToEnd() -> ExitRecord {
        while statuses[firstProcess] == nil { waitForEvents() }
        lifecycle.ended()
        outputs.copyRest()
        return ExitRecord(waitStatus: statuses[firstProcess] ?? 0, outOfMemory: group.hadOutOfMemoryKill())
    }

    /// Ends what is left of the container and removes its control group and state.
    mutating func cleanUp() {
        killChildren()
        command.delete()
    }

    private mutating func waitForEvents() {
        var watched = ([signals] + outputs.descriptors).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        poll(&watched, nfds_t(watched.count), timeout)
        if watched.dropFirst().contains(where: { $0.revents != 0 }) { outputs.copy() }
        takeSignals()
        perform(lifecycle.timePassed(at: Clock.monotonic))
    }

    private var timeout: Int32 {
        guard let killAt = lifecycle.killAt else { return -1 }
        return Int32(clamping: max(0, killAt - Clock.monotonic))
    }

    private mutating func takeSignals() {
        while case let signal = clinux_next_signal(signals), signal != 0 {
            if signal == SIGCHLD { reap() } else { perform(lifecycle.stopRequested(at: Clock.monotonic)) }
        }
    }

    /// Until the start is known to have succeeded only the runtime is waited for: a service that dies
    /// at once stays a zombie for so long, and its pid and start time can still be read.
    private mutating func reap() {
        let awaited = lifecycle.state == .starting ? runtime : -1
        var status: Int32 = 0
        while case let pid = waitpid(awaited, &status, WNOHANG), pid > 0 { statuses[pid] = status }
    }

    /// The first process is this one's child and has not been waited for, so its pid is its own.
    private func perform(_ action: Lifecycle.Action) {
        let target = firstProcess > 0 ? firstProcess : runtime
        guard action != .nothing, target > 0, statuses[target] == nil else { return }
        kill(target, action == .kill || stopSignalIsLost ? SIGKILL : stopSignal)
    }

    private var stopSignalIsLost: Bool {
        guard firstProcess > 0, let status = try? SmallFile.text(at: "/proc/\(firstProcess)/status", limit: 64 << 10) else { return false }
        return SignalEffect.isLost(stopSignal, status: status)
    }

    private func startFailure() -> SupervisorError {
        let text = command.failureText()
        if lifecycle.stopWasRequested, text.isEmpty { return SupervisorError("it was told to stop before it had started") }
        return SupervisorError(text.isEmpty ? "the runtime failed and gave no reason" : text)
    }

    /// After a failed start a half-made container may be left below this process.
    private mutating func killChildren() {
        // What was below a killed one comes up as a child of this process, and is killed in the next round.
        repeat {
            let children = (try? SmallFile.text(at: "/proc/thread-self/children", limit: 64 << 10)) ?? ""
            for pid in children.split(separator: " ").compactMap({ pid_t($0) }) { kill(pid, SIGKILL) }
        } while waitpid(-1, nil, 0) > 0 || errno == EINTR
    }
}
