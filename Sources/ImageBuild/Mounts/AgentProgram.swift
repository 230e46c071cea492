import ContainerRuntime
import Glibc
import IngotModel
import SystemPackage

/// An `ssh-agent` of OpenSSH that holds some keys for the length of a step. It ends with this process, too.
final class AgentProgram: Sendable {
    /// Reaches the agent's socket however long the folder's path is.
    let socket: FilePath
    private let folder: CInt
    private let run: Task<Void, Never>

    /// How long it may take to start, and to read the keys.
    private static let deadline = Milliseconds.seconds(20)
    private static let pause = Milliseconds(10)
    private static let name = "agent"

    /// - Parameter folder: of the step; the socket is made in it.
    /// - Throws: `BuildError` when OpenSSH is not installed, or a key can't be used, such as one with a passphrase.
    init(_ keys: [FilePath], in folder: FilePath) async throws {
        guard let program = Program.find("ssh-agent"), let adder = Program.find("ssh-add") else {
            throw BuildError(
                "ssh-agent-missing", "a key file for --ssh needs ssh-agent and ssh-add, and they are not installed",
                remedy: "apt-get install openssh-client, or name the socket of an agent: --ssh default=$SSH_AUTH_SOCK", fault: .world)
        }
        self.folder = open(folder.string, O_PATH | O_DIRECTORY | O_CLOEXEC)
        socket = FilePath("/proc/self/fd/\(self.folder)/\(Self.name)")
        // The name is relative: a socket's path has at most 107 bytes.
        let agent = ReapedCommand(path: program, arguments: ["ssh-agent", "-D", "-a", Self.name], workingDirectory: folder.string)
        run = Task { _ = try? await agent.run(deadline: nil) { _ in } }
        guard self.folder >= 0 else { throw BuildError.system("open", folder.string, number: errno) }
        try await waitForSocket(in: folder)
        try await add(keys, by: adder, in: folder)
    }

    private func waitForSocket(in folder: FilePath) async throws {
        let end = ContinuousClock.now + Self.deadline.duration
        while access(folder.appending(Self.name).string, F_OK) != 0 {
            guard ContinuousClock.now < end else { throw BuildError("ssh-agent-failed", "ssh-agent did not start", fault: .world) }
            try await Task.sleep(for: Self.pause.duration)
        }
    }

    private func add(_ keys: [FilePath], by program: String, in folder: FilePath) async throws {
        var command = ReapedCommand(path: program, arguments: ["ssh-add", "-q"] + keys.map { Self.absolute($0) }, workingDirectory: folder.string)
        command.environment.append("SSH_AUTH_SOCK=\(Self.name)")
        let result = try await command.runToEnd(deadline: Self.deadline)
        guard result.exit?.isSuccess != true else { return }
        throw BuildError(
            "ssh-key-unusable", "ssh-add does not take the key: \(String(decoding: result.output.prefix(1_000), as: UTF8.self))",
            remedy: "a key with a passphrase can't be asked for here: add it to your agent, and give --ssh default=$SSH_AUTH_SOCK")
    }

    private static func absolute(_ path: FilePath) -> String {
        if path.isAbsolute { return path.string }
        guard let current = getcwd(nil, 0) else { return path.string }
        defer { free(current) }
        return FilePath(String(cString: current)).pushing(path).string
    }

    deinit {
        run.cancel()
        if folder >= 0 { close(folder) }
    }
}
