import Foundation
import Testing

/// A core file is the memory of a process on the disk: one of the daemon would hold every secret that it has read.
@Suite("Core files", .timeLimit(.minutes(5)))
struct CoreFileTests {
    /// Where the kernel would write one is known when it is a plain name: into the folder that the process works in. Source: core(5).
    private static let name: String? = {
        let pattern = (try? String(contentsOfFile: "/proc/sys/kernel/core_pattern", encoding: .utf8))?
            .trimmingCharacters(in: .whitespacesAndNewlines)
        guard let pattern, let first = pattern.first, first != "|", !pattern.contains("/"), !pattern.contains("%") else { return nil }
        return pattern
    }()

    /// Whether this process may let others write core files of any size.
    private static var mayWrite: Bool {
        var limit = rlimit()
        return getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &limit) == 0 && limit.rlim_max == rlim_t.max
    }

    /// Starts a program that may write a core file of any size.
    private static let unlimited = ["/bin/sh", "-c", #"ulimit -c unlimited; exec "$0" "$@""#]

    private func coreFiles(in folder: URL) throws -> [URL] {
        let name = try #require(Self.name)
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.lastPathComponent == name || $0.lastPathComponent.hasPrefix("\(name).") }
    }

    /// Whether the memory of a process holds these bytes anywhere.
    private func memory(of process: Int32, holds text: String) throws -> Bool {
        let maps = FileHandle(forReadingAtPath: "/proc/\(process)/maps")?.readDataToEndOfFile() ?? Data()
        let memory = open("/proc/\(process)/mem", O_RDONLY | O_CLOEXEC)
        try #require(memory >= 0, "the memory of process \(process) can't be read")
        defer { close(memory) }
        for line in String(decoding: maps, as: UTF8.self).split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 1, fields[1].hasPrefix("rw") else { continue }
            let ends = fields[0].split(separator: "-").compactMap { UInt64($0, radix: 16) }
            guard ends.count == 2, ends[1] - ends[0] <= 1 << 30 else { continue }
            var bytes = [UInt8](repeating: 0, count: Int(ends[1] - ends[0]))
            let count = pread(memory, &bytes, bytes.count, off_t(ends[0]))
            if count > 0, Data(bytes[..<count]).range(of: Data(text.utf8)) != nil { return true }
        }
        return false
    }

    @Test(
        "the daemon leaves none, whatever it holds, where another program leaves one",
        .enabled(if: name != nil, "/proc/sys/kernel/core_pattern is no plain name: where a core file would be is not known"),
        .enabled(if: mayWrite, "this process has a limit on core files"))
    func none() async throws {
        let planted = "planted-\(UUID().uuidString)"
        let workspace = try Workspace()
        defer { workspace.remove() }
        let value = workspace.folder.appendingPathComponent("value")
        try Data(planted.utf8).write(to: value)
        try workspace.write(
            "ingot.yaml",
            Workspace.manifest().replacingOccurrences(of: "  stop:", with: "  secrets: [PASSWORD]\n  stop:")
                .replacingOccurrences(of: "soak: 0s", with: "secrets: { PASSWORD: \(value.path) }, secrets-refresh: 1s, soak: 0s"))
        try workspace.commit(version: 1)

        let folder = workspace.folder.appendingPathComponent("control")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        let control = Process()
        control.executableURL = URL(fileURLWithPath: Self.unlimited[0])
        control.arguments = Self.unlimited.dropFirst() + ["/bin/sleep", "600"]
        control.currentDirectoryURL = folder
        try control.runUnblocked()
        defer { control.kill() }
        try await eventually("the control has become sleep") {
            try String(contentsOfFile: "/proc/\(control.processIdentifier)/comm", encoding: .utf8) == "sleep\n"
        }
        try await abort(control)
        let found = try coreFiles(in: folder)
        #expect(!found.isEmpty, "a program that is aborted leaves a core file here")
        for file in found { try FileManager.default.removeItem(at: file) }

        let daemon = try await workspace.startDaemon(under: Self.unlimited)
        #expect(try String(contentsOfFile: "/proc/\(daemon.processIdentifier)/limits", encoding: .utf8).contains(/Max core file size +unlimited/))
        #expect(FileManager.default.destination(ofLink: "/proc/\(daemon.processIdentifier)/cwd") == workspace.folder.resolvingSymlinksInPath().path)
        try await expectSuccess(workspace.ingot("deploy", "production", workspace.build()))
        try await eventually("the daemon holds the secret", log: workspace.daemonLog) {
            try memory(of: daemon.processIdentifier, holds: planted)
        }
        try await abort(daemon)
        #expect(try coreFiles(in: workspace.folder) == [])
    }

    /// Aborts a process, as a bug in it would, and waits for its end.
    private func abort(_ process: Process) async throws {
        kill(process.processIdentifier, SIGABRT)
        try await eventually("process \(process.processIdentifier) ends") { !process.isRunning }
        #expect(process.terminationReason == .uncaughtSignal && process.terminationStatus == SIGABRT)
    }
}

extension FileManager {
    fileprivate func destination(ofLink path: String) -> String? { try? destinationOfSymbolicLink(atPath: path) }
}
