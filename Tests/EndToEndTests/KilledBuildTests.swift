import Foundation
import Testing

/// Real builds by the real command, ended as a power cut would end them.
@Suite("A build that is killed") struct KilledBuildTests {
    private static let step = "RUN --mount=type=cache,target=/c --mount=target=/in --mount=type=tmpfs,target=/t"

    private func dockerfile(_ command: String) -> String {
        """
        FROM scratch
        COPY --chmod=755 busybox /bin/busybox
        \(Self.step) ["/bin/busybox", "sh", "-c", "\(command)"]
        """
    }

    @Test("at any moment leaves nothing that the next one does not clear away", arguments: [0, 5, 20, 60, 150, 300, 600])
    func killed(milliseconds: Int) async throws {
        let workspace = try Workspace()
        defer { workspace.remove() }
        let mark = "9\(UInt32.random(in: 100_000 ... .max))"
        try workspace.write("Dockerfile", dockerfile("sleep \(mark)"))
        let build = try start(workspace)
        defer { build.kill() }
        // The moment is what is tested: from before the first folder to after the step's start.
        poll(nil, 0, Int32(milliseconds))
        build.kill()
        try workspace.write("Dockerfile", dockerfile("echo done > /out"))
        let output = try await workspace.ingot("build", "--output", "json")
        #expect(output.exitCode == 0, "\(output.standardError)")
        #expect(try left(of: workspace, mark).isEmpty)
    }

    @Test("in the middle of a step ends the step with it") func killedInStep() async throws {
        let workspace = try Workspace()
        defer { workspace.remove() }
        let mark = "8\(UInt32.random(in: 100_000 ... .max))"
        try workspace.write("Dockerfile", dockerfile("echo x > /c/x; sleep \(mark)"))
        let build = try start(workspace)
        defer { build.kill() }
        try await eventually("the step runs") { !Self.processes(mark).isEmpty }
        build.kill()
        try await eventually("the step has ended") { Self.processes(mark).isEmpty }
        try workspace.write("Dockerfile", dockerfile("cat /c/x > /out"))
        let output = try await workspace.ingot("build", "--output", "json")
        #expect(output.exitCode == 0, "\(output.standardError)")
        #expect(try left(of: workspace, mark).isEmpty)
        #expect(FileManager.default.fileExists(atPath: workspace.repository.appendingPathComponent("ingot.yaml").path))
    }

    private func start(_ workspace: Workspace) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Workspace.executable("ingot"))
        process.arguments = ["build"]
        process.currentDirectoryURL = workspace.repository
        process.environment = ProcessInfo.processInfo.environment.merging(["INGOT_ROOT": workspace.root.path]) { _, new in new }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    /// Folders, mounts, control groups, state of the runtime and processes that are of a build.
    private func left(of workspace: Workspace, _ mark: String) throws -> [String] {
        let build = workspace.root.appendingPathComponent("build").path
        let folders = try FileManager.default.contentsOfDirectory(atPath: "\(build)/tmp").filter { $0 != "lock" }
        let mounts = FileHandle(forReadingAtPath: "/proc/self/mounts")?.readDataToEndOfFile() ?? Data()
        let mounted = String(decoding: mounts, as: UTF8.self).split(separator: "\n").map(String.init).filter { $0.contains(" \(build)/") }
        return folders + mounted + Self.processes(mark)
    }

    private static func processes(_ mark: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.filter { name in
            guard name.allSatisfy(\.isNumber), let file = FileHandle(forReadingAtPath: "/proc/\(name)/cmdline") else { return false }
            return String(decoding: file.readDataToEndOfFile(), as: UTF8.self).contains(mark)
        }
    }
}
