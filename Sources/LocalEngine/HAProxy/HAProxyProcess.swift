import CLinux
import Engine
import Glibc

/// The HAProxy process: known by its id and start time, so that another process with the same id is not taken for it.
struct HAProxyProcess: Hashable, Sendable, Codable {
    var pid: Int32
    /// In clock ticks since the machine's start: field 22 of `/proc/PID/stat`.
    var startTime: UInt64

    init?(pid: Int32) {
        guard let startTime = Self.startTime(of: pid) else { return nil }
        self.pid = pid
        self.startTime = startTime
    }

    /// Unlike that of any other process since the machine's start.
    var identity: String { "\(pid)-\(startTime)" }

    /// Whether it still runs. Takes note of its end if it is a child.
    var isRunning: Bool {
        var status: Int32 = 0
        // An ended child remains a process until it is waited for. For others' children this fails, and that is fine.
        if waitpid(pid, &status, WNOHANG) == pid { return false }
        return Self.startTime(of: pid) == startTime
    }

    /// Tells it to end, and kills it if it does not within the patience. Blocks.
    func end(patience: Duration) {
        guard isRunning else { return }
        kill(pid, SIGTERM)
        if waitForEnd(patience) { return }
        kill(pid, SIGKILL)
        _ = waitForEnd(.seconds(10))
    }

    private func waitForEnd(_ patience: Duration) -> Bool { Self.poll(for: patience) { isRunning ? nil : true } ?? false }

    /// Asks every 2 ms until there is an answer or the patience is over: the start and the end of a process that need not
    /// be a child give no event that could be waited for.
    static func poll<Answer>(for patience: Duration, _ question: () throws -> Answer?) rethrows -> Answer? {
        let deadline = ContinuousClock.now + patience
        while true {
            if let answer = try question() { return answer }
            guard ContinuousClock.now < deadline else { return nil }
            var pause = timespec(tv_sec: 0, tv_nsec: 2_000_000)
            nanosleep(&pause, nil)
        }
    }

    /// `nil` when there is no such process, or when it has ended and only its parent has not noticed yet.
    private static func startTime(of pid: Int32) -> UInt64? {
        let descriptor = open("/proc/\(pid)/stat", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 1_024)
        let count = read(descriptor, &buffer, buffer.count)
        // The program's name is in parentheses and may contain anything.
        guard count > 0, let end = buffer[..<count].lastIndex(of: UInt8(ascii: ")")) else { return nil }
        let fields = buffer[(end + 1)..<count].split(separator: UInt8(ascii: " "))
        guard fields.count > 19, fields[0].first != UInt8(ascii: "Z"), fields[0].first != UInt8(ascii: "X") else { return nil }
        return UInt64(String(decoding: fields[19], as: UTF8.self))
    }
}

extension HAProxyProcess {
    /// Starts HAProxy in a session of its own, so that it outlives this process; its output goes to a file.
    ///
    /// - Returns: `nil` when it ended at once; `output` says why.
    /// - Throws: `router.start-failed` when the program can't be executed.
    static func spawn(program: String, arguments: [String], output: String) throws -> HAProxyProcess? {
        let words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) }
        defer { words.forEach { free($0) } }
        let environment: [UnsafeMutablePointer<CChar>?] = (["PATH=/usr/sbin:/usr/bin:/sbin:/bin"] as [String]).map { strdup($0) }
        defer { environment.forEach { free($0) } }
        var pid: pid_t = 0
        let result = clinux_spawn_session(&pid, program, words + [nil], environment + [nil], output)
        guard result == 0 else { throw EngineError.startFailed("\(program): \(errorMessage(result))") }
        // Before it starts threads of its own.
        ProcessPriority.give(to: pid)
        guard let process = HAProxyProcess(pid: pid) else {
            var status: Int32 = 0
            waitpid(pid, &status, 0)
            return nil
        }
        return process
    }
}
