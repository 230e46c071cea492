import CLinux
import Glibc

/// What ties a process to the one that started it, and how it is cut.
enum Surroundings {
    /// From here on nothing of the daemon's is held: its session, terminal, outputs, descriptors, folder.
    static func leave(keeping descriptor: Int32) throws(SupervisorError) -> Int32 {
        setsid()
        signal(SIGHUP, SIG_IGN)
        signal(SIGPIPE, SIG_IGN)
        umask(0o022)
        chdir("/")
        // Kept at 3, so that all above can be closed at once.
        if descriptor != 3, dup2(descriptor, 3) < 0 { throw .systemCall("dup2", on: "the ready descriptor") }
        _ = clinux_close_range(4, UInt32.max)
        guard fcntl(3, F_SETFD, FD_CLOEXEC) == 0 else { throw .systemCall("fcntl", on: "the ready descriptor") }
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        guard null >= 0 else { throw .systemCall("open", on: "/dev/null") }
        for standard: Int32 in 0...2 { dup2(null, standard) }
        close(null)
        return 3
    }
}

/// Tells the daemon once whether the instance has started.
struct ReadyChannel {
    let descriptor: Int32

    func reportStarted() { report("ready\n") }

    func reportFailure(_ message: String) {
        // One line, whatever a runtime may have said.
        report("error: \(message.split(separator: "\n").joined(separator: "; "))\n")
    }

    private func report(_ line: String) {
        _ = SmallFile.writeAll(Array(line.utf8), to: descriptor)
        close(descriptor)
    }
}
