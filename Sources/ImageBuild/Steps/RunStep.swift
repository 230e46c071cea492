import ContainerRuntime
import Glibc
import ImageStore
import IngotModel
import SystemPackage

/// Runs one RUN over the layers below it and gives what it wrote, as a tree.
///
/// The container has its own processes, mounts, host name (`build`) and control group with its limits, Docker's default
/// capabilities and seccomp profile, umask 0022, and the machine's network or none. Nothing that was mounted for it is
/// in the tree.
struct RunStep: Sendable {
    let id: BuildStepID
    /// Of the container.
    let name: String
    let arguments: [String]
    /// `NAME=value`, complete but for what mounts add.
    let environment: [String]
    let workingFolder: String
    let user: ContainerUser
    let settings: RunSettings
    let location: SourceLocation
    let text: String

    /// Where a step runs.
    struct Place {
        /// The mounted layers, the mount points first.
        var lower: [FilePath]
        /// The same without the mount points; `nil` when there are none.
        var image: MountedTree?
        /// An empty folder of the build.
        var folder: FilePath
        var host: RunRuntime.Host
        var mounts: StepMounts
    }

    func run(at place: Place, date: SourceDate, report: @escaping @Sendable (String) -> Void) async throws -> FileTree {
        let upper = place.folder.appending("upper")
        for name in ["upper", "work", "root"] { try Files.makeFolder(place.folder.appending(name)) }
        try Self.adopt(place.image?.find([])?.metadata ?? .implicitFolder, on: upper)
        let root = try OverlayMount(place.lower, upper: (upper, place.folder.appending("work")), at: place.folder.appending("root"))
        defer { root.unmount() }
        let targets = try MountTargets(place.mounts.ready, in: MountedTree(root.path), image: place.image, at: location)
        try await run(specification(root: root.path, place, targets), place, report)
        return try changes(in: upper, place, targets, date)
    }

    /// Runs it to its end. A failure is told with what it printed last, and shown to who asked for it.
    private func run(_ specification: RuntimeSpecification, _ place: Place, _ report: @escaping @Sendable (String) -> Void) async throws {
        let lines = OutputLines(masking: place.mounts.secretValues, report: report)
        let bundle = try place.mounts.bundle()
        let failure: String
        do {
            let status = try await place.host.runtime.run(specification, named: name, bundle: bundle.string, deadline: settings.deadline) {
                lines.append($0)
            }
            lines.finish()
            if status.isSuccess { return }
            failure = "\(status)"
        } catch let error as RuntimeError where error.code == RuntimeError.deadlinePassedCode {
            lines.finish()
            failure = "it did not end within \(settings.deadline)"
        } catch let error as RuntimeError where error.code == RuntimeError.startFailedCode {
            throw BuildError("run-not-started", at: location, "'\(text.prefix(200))': \(error.message)", hint: error.remedy, cause: error)
        }
        let error = error(failure, lines.tail, place.folder)
        try await settings.interactive?(
            InteractiveStep(
                id: id, error: error, arguments: arguments, runtime: place.host.runtime, specification: specification, name: name, bundle: bundle))
        throw error
    }

    private func error(_ failure: String, _ tail: [String], _ folder: FilePath) -> BuildError {
        guard Files.freeBytes(at: folder) < Self.leastFree.bytes else { return .runFailed(text, at: location, status: failure, tail: tail) }
        return .runFailed(
            text, at: location, status: "\(failure); the disk of \(folder.removingLastComponent()) is full", tail: tail, code: "disk-full",
            remedy: "free some space (ingot image prune, ingot build prune), then build again")
    }

    /// A disk with less is full.
    private static let leastFree: ByteSize = .mebibytes(1)

    private func changes(in upper: FilePath, _ place: Place, _ targets: MountTargets, _ date: SourceDate) throws -> FileTree {
        LayerNoise.empty(in: upper)
        var tree = try FileTree(upperFolder: upper)
        try targets.remove(from: &tree, image: place.image)
        try LayerNoise.remove(from: &tree)
        if let image = place.image { try LinkAliases(image: image, upper: upper).expand(in: &tree) }
        try LayerTimes.set(date, in: &tree, over: place.image)
        return tree
    }

    /// The upper folder's own owner, mode and time are those of `/`.
    private static func adopt(_ metadata: FileMetadata, on folder: FilePath) throws(BuildError) {
        let time = timespec(tv_sec: Int(metadata.modified.seconds), tv_nsec: Int(metadata.modified.nanoseconds))
        guard chown(folder.string, metadata.userID, metadata.groupID) == 0, chmod(folder.string, mode_t(metadata.mode)) == 0,
            utimensat(AT_FDCWD, folder.string, [time, time], 0) == 0
        else { throw .system("prepare", folder.string, number: errno) }
    }

    private func specification(root: FilePath, _ place: Place, _ targets: MountTargets) -> RuntimeSpecification {
        // An own SSH_AUTH_SOCK, say, stands over what a mount brings; a secret's variable is what its mount says.
        let own = Set(environment.map { $0.prefix { $0 != "=" } })
        let added = place.mounts.environment.filter { $0.key != "SSH_AUTH_SOCK" || !own.contains("SSH_AUTH_SOCK") }
        var container = BuildStepContainer(
            name: name, root: root.string, arguments: arguments,
            environment: (environment.filter { added[String($0.prefix { $0 != "=" })] == nil } + added.map { "\($0)=\($1)" }).sorted(),
            workingDirectory: workingFolder, user: user, limits: settings.limits, seccomp: place.host.seccomp, cgroup: place.host.cgroup)
        container.mounts = targets.mounts
        container.hasNetwork = settings.network != .none
        container.isPrivileged = settings.security == .insecure
        return .buildStep(container)
    }
}

/// How a RUN is carried out, besides what it runs.
struct RunSettings: Sendable {
    var network: RunNetwork
    var security: RunSecurity
    var deadline: Milliseconds
    var limits: ResourceLimits
    var interactive: (@Sendable (InteractiveStep) async throws -> Void)?
}

extension BuildError {
    static func runFailed(
        _ text: String, at location: SourceLocation, status: String, tail: [String], code: String = "run-failed",
        remedy: String = "the steps before it are kept, so a new build begins here"
    ) -> BuildError {
        let output = tail.isEmpty ? "" : "; the last it printed:\n" + tail.map { "  \($0)" }.joined(separator: "\n")
        let message = "\(location): '\(text.prefix(200))' failed: \(status)\(output)"
        return BuildError(
            code, message, remedy: remedy, diagnostics: [Diagnostic(.error, at: location, "'\(text.prefix(200))' failed: \(status)")],
            outputTail: tail)
    }
}
