import CLinux
import Glibc

/// Starts the instance, follows it to its end, records how it ended, and removes what it left.
struct Supervisor {
    let arguments: Arguments

    init(_ arguments: Arguments) { self.arguments = arguments }

    /// Returns the exit code of this process: 0 when the instance had started, however it ended.
    func run() -> Int32 {
        var ready = ReadyChannel(descriptor: arguments.readyDescriptor)
        do {
            ready = ReadyChannel(descriptor: try Surroundings.leave(keeping: arguments.readyDescriptor))
            let record = try runInstance(ready)
            try write(record)
            return 0
        } catch {
            try? write(ExitRecord(startError: error.message))
            ready.reportFailure(error.message)
            return 1
        }
    }

    private func runInstance(_ ready: ReadyChannel) throws(SupervisorError) -> ExitRecord {
        let network = Network(instance: arguments.instance, host: try NetlinkSocket())
        try Namespaces.enter(hidingUnifiedCgroup: arguments.hidesUnifiedCgroup)
        let scratch = arguments.scratchBytes.map { Scratch(folder: "\(arguments.folder)/scratch", bytes: $0) }
        let root = try RootFileSystem(layers: arguments.layers, at: "\(arguments.folder)/rootfs", scratch: scratch)
        defer { root.remove() }
        defer { network.disconnect() }
        try network.connect(address: arguments.address, gateway: arguments.gateway)
        var follower = try InstanceFollower(arguments)
        defer { follower.cleanUp() }
        let firstProcess = try follower.start()
        try write(StateRecord(supervisor: ProcessIdentity(pid: getpid()), firstProcess: firstProcess, startedAt: Clock.now))
        ready.reportStarted()
        lowerPriority()
        Namespaces.releaseForeignMounts(needing: [arguments.folder, arguments.runtime, root.mountPoint])
        return follower.followToEnd()
    }

    /// An instance is started with the daemon's priority; whoever only follows it has the usual one.
    private func lowerPriority() {
        let process = __priority_which_t(PRIO_PROCESS.rawValue)
        if getpriority(process, 0) < 0 { setpriority(process, 0, 0) }
    }

    /// Not synced: after a crash of the machine, none of its processes exists.
    private func write(_ state: StateRecord) throws(SupervisorError) {
        try SmallFile.replace("\(arguments.folder)/state.json", with: state.json, survivesCrash: false)
    }

    private func write(_ record: ExitRecord) throws(SupervisorError) {
        try SmallFile.replace("\(arguments.folder)/exit.json", with: record.json(endedAt: Clock.now), survivesCrash: true)
    }
}
