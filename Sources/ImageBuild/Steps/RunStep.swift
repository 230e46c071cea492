import ContainerRuntime
import Glibc
import ImageStore
import IngotModel
import SystemPackage

/// Runs one RUN over the layers below it and gives what it wrote, as a tree.
///
/// The container has its own processes, mounts, host name (`build`) and control group, Docker's default capabilities
/// and seccomp profile, the runtime's umask 0022, and for now the host's network.
struct RunStep: Sendable {
    let name: String
    let arguments: [String]
    /// `NAME=value`, complete.
    let environment: [String]
    let workingFolder: String
    let user: ContainerUser
    let deadline: Milliseconds
    let location: SourceLocation
    let text: String

    /// - Parameters:
    ///   - lower: the mounted layers, the mount points first.
    ///   - parent: the same without the mount points; `nil` when there are none.
    ///   - folder: an empty folder of the build.
    func run(
        over lower: [FilePath], parent: MountedTree?, in folder: FilePath, host: RunRuntime.Host, date: SourceDate,
        report: @escaping @Sendable (String) -> Void
    ) async throws -> FileTree {
        let upper = folder.appending("upper")
        for name in ["upper", "work", "root", "bundle"] { try Files.makeFolder(folder.appending(name)) }
        try Self.adopt(parent?.find([])?.metadata ?? .implicitFolder, on: upper)
        let root = try OverlayMount(lower, upper: (upper, folder.appending("work")), at: folder.appending("root"))
        defer { root.unmount() }
        let lines = OutputLines(report: report)
        let specification = try specification(root: root.path, folder: folder, host: host)
        let status = try await host.runtime.run(
            specification, named: name, bundle: folder.appending("bundle").string, deadline: deadline
        ) { lines.append($0) }
        lines.finish()
        guard status.isSuccess else { throw BuildError.runFailed(text, at: location, status: "\(status)", tail: lines.tail) }
        var tree = try FileTree(upperFolder: upper)
        try LayerNoise.remove(from: &tree)
        try LayerTimes.set(date, in: &tree, over: parent)
        return tree
    }

    /// The upper folder's own owner, mode and time are those of `/`.
    private static func adopt(_ metadata: FileMetadata, on folder: FilePath) throws(BuildError) {
        let time = timespec(tv_sec: Int(metadata.modified.seconds), tv_nsec: Int(metadata.modified.nanoseconds))
        guard chown(folder.string, metadata.userID, metadata.groupID) == 0, chmod(folder.string, mode_t(metadata.mode)) == 0,
            utimensat(AT_FDCWD, folder.string, [time, time], 0) == 0
        else { throw .system("prepare", folder.string, number: errno) }
    }

    private func specification(root: FilePath, folder: FilePath, host: RunRuntime.Host) throws(BuildError) -> RuntimeSpecification {
        let hosts = folder.appending("hosts")
        try Files.write(Array("127.0.0.1\tlocalhost build\n::1\tlocalhost ip6-localhost\n".utf8), to: hosts)
        let resolver = folder.appending("resolv.conf")
        try Files.write(Files.read("/etc/resolv.conf", limit: 65_536) ?? [], to: resolver)
        for file in [hosts, resolver] { chmod(file.string, 0o644) }
        return .buildStep(
            BuildStepContainer(
                name: name, root: root.string, arguments: arguments, environment: environment, workingDirectory: workingFolder, user: user,
                binds: [
                    BindMount(source: hosts.string, destination: "/etc/hosts"),
                    BindMount(source: resolver.string, destination: "/etc/resolv.conf"),
                ],
                seccomp: host.seccomp, cgroup: host.cgroup))
    }
}

extension BuildError {
    static func runFailed(_ text: String, at location: SourceLocation, status: String, tail: [String]) -> BuildError {
        let output = tail.isEmpty ? "" : "; the last it printed:\n" + tail.map { "  \($0)" }.joined(separator: "\n")
        let message = "\(location): '\(text.prefix(200))' failed: \(status)\(output)"
        return BuildError(
            "run-failed", message, remedy: "the steps before it are kept, so a new build begins here",
            diagnostics: [Diagnostic(.error, at: location, "'\(text.prefix(200))' failed: \(status)")], outputTail: tail)
    }
}
