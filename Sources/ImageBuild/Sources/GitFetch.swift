import Foundation
import IngotModel
import Subprocess
import SystemPackage

/// Fetches one commit of a repository that may be hostile: no hooks, no configuration but the command's own, no protocol
/// but those allowed, no question asked.
struct GitFetch: Sendable {
    /// Where the repository comes to lie; made here.
    let folder: FilePath
    /// Source: gitprotocol of git(1), `GIT_ALLOW_PROTOCOL`.
    let protocols: Set<String>

    static let standardProtocols: Set<String> = ["https", "http", "ssh", "git"]
    static let deadline = Duration.seconds(900)
    private static let largestAnswer = 4 << 20

    /// The commit that a reference means now. Asks the remote unless the reference says it.
    func resolve(_ reference: GitReference) async throws -> String {
        if let ref = reference.ref, reference.namesCommit { return ref }
        let ref = reference.ref ?? "HEAD"
        let names = ref.hasPrefix("refs/") || ref == "HEAD" ? [ref, ref + "^{}"] : ["refs/tags/\(ref)^{}", "refs/tags/\(ref)", "refs/heads/\(ref)"]
        let answer = try await git(["ls-remote", "--", reference.remote] + names, in: nil)
        guard let commit = Self.commit(in: answer, names: names) else {
            throw BuildError(
                "ref-missing", "\(reference.remote) has no branch or tag '\(ref)'", remedy: "name a branch, a tag, or a commit with all its digits")
        }
        return commit
    }

    /// The first of the names that the answer has; of an annotated tag the commit it stands for.
    static func commit(in answer: String, names: [String]) -> String? {
        var found: [String: String] = [:]
        for line in answer.split(separator: "\n") {
            let fields = line.split(separator: "\t").map(String.init)
            if fields.count == 2, GitReference.isCommit(fields[0]) { found[fields[1]] = fields[0] }
        }
        for name in names {
            if let commit = found[name + "^{}"] ?? found[name] { return commit }
        }
        return nil
    }

    /// Checks the commit out into the folder. Idempotent where the folder is.
    func checkOut(_ commit: String, of reference: GitReference) async throws {
        try Files.makeFolder(folder, mode: 0o700)
        try await git(["init", "--quiet", "--template=", "."], in: folder)
        try await git(["remote", "add", "--", "origin", reference.remote], in: folder)
        try await fetch(commit, reference)
        try await git(["checkout", "--quiet", "--force", "--detach", commit], in: folder)
        guard reference.hasSubmodules, Files.names(folder).contains(".gitmodules") else { return }
        try await git(["submodule", "--quiet", "update", "--init", "--recursive", "--depth=1"], in: folder)
    }

    /// One commit alone where the remote gives it, else everything that it shows.
    private func fetch(_ commit: String, _ reference: GitReference) async throws {
        do {
            try await git(["fetch", "--quiet", "--depth=1", "--no-tags", "origin", commit], in: folder)
        } catch let error as BuildError where error.code == "build.git-failed" {
            try await git(["fetch", "--quiet", "--tags", "origin", "+refs/heads/*:refs/remotes/origin/*"], in: folder)
        }
    }

    /// When the commit was made, in seconds since 1970.
    func second(of commit: String) async throws -> Int {
        let answer = try await git(["log", "-1", "--no-show-signature", "--format=%ct", commit], in: folder)
        return max(0, Int(answer.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0)
    }

    /// Takes what differs from fetch to fetch out of `.git`.
    func settle() async throws {
        // The index with nothing of this machine in it.
        try await git(["read-tree", "HEAD"], in: folder)
        for name in ["FETCH_HEAD", "ORIG_HEAD"] { unlinkFile(folder.appending(".git").appending(name)) }
        Files.removeTree(folder.appending(".git/logs"))
    }

    private func unlinkFile(_ path: FilePath) { _ = path.withPlatformString { unlink($0) } }

    // MARK: The command

    private static let safe = [
        "core.hooksPath=/dev/null", "core.fsmonitor=false", "core.symlinks=true", "core.fileMode=true", "gc.auto=0", "maintenance.auto=false",
        "advice.detachedHead=false", "credential.helper=", "core.askPass=", "protocol.file.allow=user",
    ]

    @discardableResult
    private func git(_ arguments: [String], in folder: FilePath?) async throws -> String {
        // Never where the process happens to be: a repository there would have a word in it.
        let options = Self.safe.flatMap { ["-c", $0] } + ["-C", folder?.string ?? "/"]
        let environment = self.environment
        let result = try await Deadline.within(Self.deadline, what: "git \(arguments.first ?? "")") {
            try await Subprocess.run(
                GitProgram.executable, arguments: Arguments(options + arguments), environment: .custom(environment),
                output: .string(limit: Self.largestAnswer), error: .string(limit: 1 << 16))
        }
        guard result.terminationStatus.isSuccess else {
            let reason = result.standardError.split(separator: "\n").suffix(3).joined(separator: "; ")
            throw BuildError(
                "git-failed", "git \(arguments.first ?? "") failed: \(reason.prefix(500))", remedy: "check the address, and that it can be reached",
                fault: .world)
        }
        return result.standardOutput
    }

    /// Nothing of the user's configuration; of the environment only what reaching a remote needs.
    private var environment: [Subprocess.Environment.Key: String] {
        var environment: [Subprocess.Environment.Key: String] = [
            "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "/bin/false", "LC_ALL": "C",
            "GIT_ALLOW_PROTOCOL": protocols.sorted().joined(separator: ":"), "GIT_ATTR_NOSYSTEM": "1", "GIT_CEILING_DIRECTORIES": "/",
            "GIT_LFS_SKIP_SMUDGE": "1",
            "GIT_SSH_COMMAND": "ssh -o BatchMode=yes",
        ]
        let inherited = ProcessInfo.processInfo.environment
        for name in GlobalArguments.predefined + ["PATH", "HOME", "SSH_AUTH_SOCK", "SSL_CERT_FILE", "SSL_CERT_DIR"] {
            if let value = inherited[name] { environment[Subprocess.Environment.Key(stringLiteral: name)] = value }
        }
        return environment
    }
}
