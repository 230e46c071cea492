public import SystemPackage

/// Who answers in the name of `RUN --mount=type=ssh`.
public enum SSHSource: Hashable, Sendable {
    /// The agent whose socket `SSH_AUTH_SOCK` names.
    case environment
    /// The agent at this socket, or, where it is a file with a private key, an agent that knows this key alone.
    case path(FilePath)
    /// An agent that knows these keys alone.
    case keys([FilePath])

    /// `default`, `NAME`, `NAME=SOCKET` or `NAME=KEY[,KEY]…`, as `--ssh` takes it. `$SSH_AUTH_SOCK` is filled in by the shell.
    public static func parse(_ text: String) throws(BuildError) -> (id: String, source: SSHSource) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let id = parts.first, !id.isEmpty else {
            throw BuildError(
                "invalid-option", "--ssh: '\(text.prefix(80))' has no name", remedy: "write --ssh default, or --ssh default=$SSH_AUTH_SOCK")
        }
        guard parts.count == 2, !parts[1].isEmpty else { return (id, .environment) }
        let paths = parts[1].split(separator: ",").map { FilePath(String($0)) }
        return (id, paths.count == 1 ? .path(paths[0]) : .keys(paths))
    }
}
