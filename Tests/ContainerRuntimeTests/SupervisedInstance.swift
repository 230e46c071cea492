import CLinux
import ContainerRuntime
import Foundation
import Glibc
import IngotModel
import Testing

/// An instance of busybox under the real supervisor, in folders of its own.
final class SupervisedInstance {
    let id: String
    let folder: String
    let address: String
    let runtime: OCIRuntime
    private(set) var supervisor: pid_t = 0
    private var readyPipe: Int32 = -1
    private(set) var exitStatus: Int32?

    var instanceFolder: String { "\(folder)/instance" }

    init() async throws {
        runtime = try await Bench.detected.value
        let number = UInt32.random(in: 0...UInt32.max)
        id = InstanceID(random: number).text
        // RFC 2544's range: in no real network, and here only inside the namespaces of tests.
        address = "198.\(18 + number & 1).\(number >> 8 & 255).\(max(1, number >> 16 & 254))"
        folder = "/tmp/ingot-supervised-\(id)"
        try makeLayers()
    }

    private func makeLayers() throws {
        let files = FileManager.default
        let points = ["proc", "dev", "sys", "tmp", "etc", "run/secrets"].map { "\(folder)/layers/points/\($0)" }
        for path in points + ["\(folder)/layers/busybox/bin", "\(folder)/layers/busybox/www", instanceFolder] {
            try files.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        try files.copyItem(atPath: "/bin/busybox", toPath: "\(folder)/layers/busybox/bin/busybox")
        for name in ["sh", "sleep", "httpd", "echo", "id", "ip", "cat", "touch", "wget", "seq", "unshare", "true"] {
            try files.createSymbolicLink(atPath: "\(folder)/layers/busybox/bin/\(name)", withDestinationPath: "busybox")
        }
        try Data("hello\n".utf8).write(to: URL(filePath: "\(folder)/layers/busybox/www/index.html"))
    }

    /// Starts it and returns the line that the supervisor sent.
    func start(
        _ arguments: [String], grace: Int = 5_000, limits: ResourceLimits = .init(memory: .mebibytes(64), milliCPU: 1_000, processes: 64),
        logBytes: Int = 1 << 20, logFiles: Int = 3, extra: [String]? = nil
    ) throws -> String {
        let container = InstanceContainer(
            instance: id, hostname: "instance", arguments: arguments, environment: ["PATH=/bin"],
            user: ContainerUser(uid: 65_534, gid: 65_534), writable: [WritablePath(path: "/tmp", size: .mebibytes(1))], limits: limits,
            seccomp: try SeccompProfile.load().filter(capabilities: []), cgroup: try CgroupLayout.detect())
        let json = try RuntimeSpecification.instance(container).json()
        try Data(json).write(to: URL(filePath: "\(instanceFolder)/config.json"))
        try spawn(
            extra ?? [
                "--instance", id, "--folder", instanceFolder, "--runtime", runtime.path,
                "--layer", "\(folder)/layers/points", "--layer", "\(folder)/layers/busybox",
                "--address", address, "--gateway", "169.254.1.1", "--stop-signal", "\(SIGTERM)", "--grace-ms", "\(grace)",
                "--log-bytes", "\(logBytes)", "--log-files", "\(logFiles)", "--ready-fd", "3",
            ] + (runtime.hidesUnifiedHierarchy ? ["--hide-unified-cgroup"] : []))
        return readReadyLine()
    }

    private func spawn(_ arguments: [String]) throws {
        var ends: [Int32] = [-1, -1]
        #expect(clinux_make_pipe(&ends) == 0)
        readyPipe = ends[0]
        defer { close(ends[1]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // Above 3 first: duplicating a descriptor onto itself would leave it close-on-exec.
        posix_spawn_file_actions_adddup2(&actions, ends[1], 200)
        posix_spawn_file_actions_adddup2(&actions, 200, 3)
        let path = try BuiltProduct.path("ingot-supervisor")
        let words = ([path] + arguments).map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        #expect(posix_spawn(&supervisor, path, &actions, nil, words, environ) == 0)
    }

    private func readReadyLine() -> String {
        defer { close(readyPipe) }
        var text = ""
        var watched = pollfd(fd: readyPipe, events: Int16(POLLIN), revents: 0)
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while poll(&watched, 1, 20_000) > 0, case let count = read(readyPipe, &buffer, buffer.count), count > 0 {
            text += String(decoding: buffer[..<count], as: UTF8.self)
        }
        return text
    }

    func stop() { kill(supervisor, SIGTERM) }

    /// Waits until the supervisor has ended; returns its `exit.json`.
    func waitForEnd() throws -> ExitFile {
        let process = clinux_pidfd_open(supervisor)
        defer { close(process) }
        var watched = pollfd(fd: process, events: Int16(POLLIN), revents: 0)
        let ended = poll(&watched, 1, 20_000) == 1
        #expect(ended, "the supervisor ended")
        if ended {
            var status: Int32 = 0
            waitpid(supervisor, &status, 0)
            supervisor = 0
            exitStatus = status
        }
        return try JSONDecoder().decode(ExitFile.self, from: Data(contentsOf: URL(filePath: "\(instanceFolder)/exit.json")))
    }

    func state() throws -> StateFile {
        try JSONDecoder().decode(StateFile.self, from: Data(contentsOf: URL(filePath: "\(instanceFolder)/state.json")))
    }

    /// The lines of one log file; `current.jsonl` by default.
    func log(_ name: String = "current.jsonl") throws -> [LogFileLine] {
        let text = try String(contentsOfFile: "\(instanceFolder)/log/\(name)", encoding: .utf8)
        return try text.split(separator: "\n").map { try JSONDecoder().decode(LogFileLine.self, from: Data($0.utf8)) }
    }

    /// What should not be there after the end.
    func traces() -> [String] {
        var found: [String] = []
        var paths = ["\(OCIRuntime.stateFolder)/ingot-\(id)", "/sys/class/net/ig\(id)", "\(instanceFolder)/rootfs"]
        paths += ["", "/memory", "/cpu", "/pids", "/devices", "/unified"].map { "/sys/fs/cgroup\($0)/ingot/\(id)" }
        found += paths.filter { (path: String) in access(path, F_OK) == 0 }
        // A file of /proc has no size, and comes in parts: `String(contentsOfFile:)` takes the first for all of it.
        let bytes = FileHandle(forReadingAtPath: "/proc/self/mountinfo")?.readDataToEndOfFile() ?? Data()
        let mounts = String(decoding: bytes, as: UTF8.self)
        if mounts.contains(id) { found.append("a mount") }
        return found
    }

    func remove() {
        if supervisor > 0 {
            kill(supervisor, SIGKILL)
            waitpid(supervisor, nil, 0)
        }
        ControlGroup.instance(id).killAndRemove()
        try? FileManager.default.removeItem(atPath: "\(OCIRuntime.stateFolder)/ingot-\(id)")
        try? FileManager.default.removeItem(atPath: folder)
    }
}

struct ExitFile: Decodable, Equatable {
    var exitCode: Int?
    var signal: Int?
    var outOfMemory: Bool
    var startError: String?
    var endedAt: Timestamp
}

struct StateFile: Decodable, Equatable {
    var supervisorPID: Int32
    var supervisorStartTime: Int
    var initPID: Int32
    var initStartTime: Int
    var startedAt: Timestamp
}

/// As `API.LogLine`.
struct LogFileLine: Decodable, Equatable {
    var at: Timestamp
    var instance: InstanceID
    var stream: String
    var line: String
}

/// Waits for a condition for 10 s at most; the bound is for a broken program, not for a slow one.
func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
    let deadline = ContinuousClock.now + .seconds(10)
    while ContinuousClock.now < deadline {
        if try condition() { return true }
        poll(nil, 0, 2)
    }
    return false
}
