import IngotModel

/// `exit.json`: how an instance ended.
struct ExitRecord: Hashable, Sendable, Codable {
    var exitCode: Int?
    var signal: Int?
    var outOfMemory: Bool
    /// Why the container could not be started.
    var startError: String?
    var endedAt: Timestamp

    /// In a person's words: `exit code 1`, `ended by SIGKILL`.
    var words: String {
        if let startError { return "could not be started: \(startError)" }
        if outOfMemory { return "killed: it used all the memory it may have" }
        if let signal { return "ended by \(Self.name(ofSignal: signal))" }
        if let exitCode { return "exit code \(exitCode)\(Self.hint(exitCode))" }
        return "lost: its supervisor was killed"
    }

    /// What is put on record for an instance whose supervisor could not.
    static func lost(at time: Timestamp) -> ExitRecord {
        ExitRecord(exitCode: nil, signal: nil, outOfMemory: false, startError: nil, endedAt: time)
    }

    /// The message of a failure: how, after how long, and the last that was printed.
    func failure(startedAt: Timestamp, lastLines: [String]) -> String {
        let life = Milliseconds(max(0, (endedAt - startedAt).count))
        let time = startError == nil ? " after \(Self.seconds(life))" : ""
        let output = lastLines.isEmpty ? "" : "; last output: " + lastLines.joined(separator: " | ")
        return words + time + output
    }

    private static func seconds(_ life: Milliseconds) -> String {
        guard life < .seconds(60) else { return "\(Milliseconds.seconds(life.count / 1_000))" }
        let tenths = (life.count + 50) / 100
        return "\(tenths / 10).\(tenths % 10)s"
    }

    /// Source: POSIX, shell command language, 2.8.2, "Exit Status for Commands".
    private static func hint(_ code: Int) -> String {
        switch code {
        case 126: " (a command that can't be executed)"
        case 127: " (a command that was not found)"
        default: ""
        }
    }

    /// Source: signal(7), the numbers of x86 and ARM.
    private static func name(ofSignal number: Int) -> String {
        let names = [
            1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE", 9: "SIGKILL",
            10: "SIGUSR1", 11: "SIGSEGV", 12: "SIGUSR2", 13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM", 24: "SIGXCPU", 31: "SIGSYS",
        ]
        return names[number] ?? "signal \(number)"
    }
}
