import Glibc

/// `state.json`: which processes the instance is. It tells a daemon that has been restarted, by pid
/// and start time, whether they still run; after a restart of the machine it means nothing.
struct StateRecord {
    var supervisor: ProcessIdentity
    var firstProcess: ProcessIdentity
    var startedAt: Int

    var json: String {
        """
        {"supervisorPID":\(supervisor.pid),"supervisorStartTime":\(supervisor.startTime),\
        "initPID":\(firstProcess.pid),"initStartTime":\(firstProcess.startTime),"startedAt":"\(Clock.text(startedAt))"}

        """
    }
}

/// `exit.json`: how the instance ended. When it is there, nothing of the instance is left.
struct ExitRecord: Equatable {
    var exitCode: Int?
    var signal: Int?
    var outOfMemory = false
    var startError: String?

    /// From a status of waitpid(2).
    init(waitStatus status: Int32, outOfMemory: Bool) {
        let number = Int(status & 0x7f)
        if number == 0 { exitCode = Int((status >> 8) & 0xff) } else { signal = number }
        // The kernel also counts kills that the instance's first process survived.
        self.outOfMemory = outOfMemory && (number == Int(SIGKILL) || exitCode != 0)
    }

    init(startError: String) { self.startError = startError }

    func json(endedAt: Int) -> String {
        let code = exitCode.map(String.init) ?? "null"
        let signal = signal.map(String.init) ?? "null"
        let error = startError.map(JSONText.string) ?? "null"
        return """
            {"exitCode":\(code),"signal":\(signal),"outOfMemory":\(outOfMemory),"startError":\(error),"endedAt":"\(Clock.text(endedAt))"}

            """
    }
}

/// A process, told from a later one with the same number by the time of its start.
struct ProcessIdentity: Equatable {
    var pid: pid_t
    /// In clock ticks after the start of the machine: field 22 of `/proc/PID/stat` (proc(5)).
    var startTime: Int

    init(pid: pid_t) throws(SupervisorError) {
        let path = "/proc/\(pid)/stat"
        guard let time = Self.startTime(stat: try SmallFile.text(at: path, limit: 8_192)) else {
            throw SupervisorError("\(path) has an unknown form")
        }
        self.pid = pid
        startTime = time
    }

    /// The second field is the program's name in parentheses and may hold anything, so count from its end.
    static func startTime(stat: String) -> Int? {
        guard let end = stat.lastIndex(of: ")") else { return nil }
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        return fields.count > 19 ? Int(fields[19]) : nil
    }
}
