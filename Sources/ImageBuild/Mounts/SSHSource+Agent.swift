import Glibc
import SystemPackage

extension SSHSource {
    /// The socket that answers, and the program behind it when that is ours.
    func agent(in folder: FilePath) async throws -> (socket: FilePath, program: AgentProgram?) {
        switch self {
        case .environment:
            guard let path = getenv("SSH_AUTH_SOCK").map({ String(cString: $0) }), !path.isEmpty else {
                throw BuildError(
                    "ssh-agent-missing", "--ssh is to forward the agent of SSH_AUTH_SOCK, and that is not set",
                    remedy: "start one (eval $(ssh-agent); ssh-add), or name a key: --ssh default=PATH")
            }
            return (try Self.socket(FilePath(path)), nil)
        case .path(let path):
            var status = stat()
            guard stat(path.string, &status) == 0 else { throw BuildError.system("look at", path.string, number: errno) }
            if status.st_mode & S_IFMT == S_IFSOCK { return (path, nil) }
            return try await Self.own([path], in: folder)
        case .keys(let keys): return try await Self.own(keys, in: folder)
        }
    }

    private static func own(_ keys: [FilePath], in folder: FilePath) async throws -> (socket: FilePath, program: AgentProgram?) {
        let program = try await AgentProgram(keys, in: folder)
        return (program.socket, program)
    }

    private static func socket(_ path: FilePath) throws(BuildError) -> FilePath {
        var status = stat()
        guard stat(path.string, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else {
            throw BuildError("ssh-agent-missing", "SSH_AUTH_SOCK names \(path), which is no socket", remedy: "start an agent: eval $(ssh-agent)")
        }
        return path
    }
}
