import CLinux
import Glibc

/// The OCI runtime's command line, as crun and runc share it.
struct RuntimeCommand {
    let runtime: String
    let folder: String
    let container: String

    static let stateFolder = "/run/ingot-runtime"

    init(runtime: String, folder: String, instance: String) {
        self.runtime = runtime
        self.folder = folder
        container = "ingot-\(instance)"
    }

    var pidFile: String { "\(folder)/pid" }
    var logFile: String { "\(folder)/runtime.log" }

    /// Starts the container and leaves it; the runtime ends when the container's first process runs.
    func start(output: Int32, error: Int32) throws(SupervisorError) -> pid_t {
        unlink(pidFile)
        unlink(logFile)
        return try spawn(
            ["--log", logFile, "run", "--detach", "--pid-file", pidFile, "--bundle", folder, container], output: output, error: error)
    }

    /// The pid of the container's first process, once the runtime has started it.
    func firstProcess() throws(SupervisorError) -> pid_t {
        let text = try SmallFile.text(at: pidFile, limit: 64)
        guard let pid = pid_t(text.filter(\.isNumber)), pid > 1 else { throw SupervisorError("\(pidFile) holds no pid") }
        return pid
    }

    /// Removes the container's control group and state. Its processes must have ended.
    func delete() {
        // A failed start leaves half of a container, which only the forced form removes.
        if runToEnd(["delete", container]) != 0 { _ = runToEnd(["delete", "--force", container]) }
    }

    /// What the runtime says of its failure: its log's last line, without runc's time and level.
    func failureText() -> String {
        let text = (try? SmallFile.text(at: logFile, limit: 256 << 10)) ?? ""
        guard let line = text.split(separator: "\n").last else { return "" }
        return Self.message(of: line)
    }

    static func message(of line: Substring) -> String {
        let mark = "msg=\""
        guard let start = line.indices.first(where: { line[$0...].hasPrefix(mark) }) else { return String(line) }
        return String(line[start...].dropFirst(mark.count).dropLast(line.hasSuffix("\"") ? 1 : 0).filter { $0 != "\\" })
    }

    private static let longestDeleteMilliseconds: Int32 = 10_000

    private func runToEnd(_ arguments: [String]) -> Int32 {
        guard let pid = try? spawn(arguments, output: 1, error: 2) else { return -1 }
        let process = clinux_pidfd_open(pid)
        var watched = pollfd(fd: process, events: Int16(POLLIN), revents: 0)
        if process >= 0, poll(&watched, 1, Self.longestDeleteMilliseconds) == 0 { kill(pid, SIGKILL) }
        if process >= 0 { close(process) }
        var status: Int32 = -1
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return status
    }

    private func spawn(_ arguments: [String], output: Int32, error: Int32) throws(SupervisorError) -> pid_t {
        let words = ["runtime", "--root", Self.stateFolder] + arguments
        let environment = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "XDG_RUNTIME_DIR=/run"]
        // The instance does not inherit what this process blocks and ignores, and its priority.
        let pid = CStringArray.with(words) { words in
            CStringArray.with(environment) { clinux_spawn_runtime(runtime, words, $0, output, error) }
        }
        guard pid > 0 else { throw .systemCall("execve", on: runtime, errno: errno) }
        return pid
    }
}

/// Texts as C's functions take them: an array of pointers that ends with a null pointer.
enum CStringArray {
    static func with<Result>(_ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result) -> Result {
        let pointers = texts.map { strdup($0) }
        defer { pointers.forEach { free($0) } }
        return body(pointers + [nil])
    }
}
