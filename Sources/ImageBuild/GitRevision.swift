import IngotModel
import Subprocess
public import SystemPackage

/// Reads from git which commit a folder is at, and whether it differs from it.
public enum GitRevision {
    /// How much of the answer is read. A tree with more changes than fit is dirty all the same.
    static let largestAnswer = 4 << 20

    /// The revision of a folder; ``SourceRevision/none`` where there is no repository, no commit or no git.
    ///
    /// Only changes below the folder count, untracked files too, ignored ones not.
    ///
    /// - Throws: `BuildError` when git refuses the repository because another user owns it.
    public static func read(_ folder: FilePath) async throws(BuildError) -> SourceRevision {
        async let status = git(["status", "--porcelain=v2", "--branch", "--no-renames", "--untracked-files=normal", "-z", "--", "."], in: folder)
        async let log = git(["log", "-1", "--no-show-signature", "--no-decorate", "--format=%H%n%ct"], in: folder)
        let answers = (status: await status, log: await log)
        guard answers.status.isSuccess else {
            if answers.status.error.contains("dubious ownership") { throw .foreignRepository(folder, answers.status.error) }
            return .none
        }
        return revision(status: answers.status.text, log: answers.log.text)
    }

    /// What the two answers of git mean.
    static func revision(status: String, log: String) -> SourceRevision {
        let lines = log.split(separator: "\n", omittingEmptySubsequences: false)
        let isDirty = status.split(separator: "\0").contains { !$0.hasPrefix("# ") }
        guard lines.count >= 2, isCommit(lines[0]), let second = Int(lines[1]), second >= 0 else { return .none }
        return SourceRevision(
            commit: String(lines[0]), committedAtSecond: second, isDirty: isDirty)
    }

    private static func isCommit(_ text: Substring) -> Bool {
        (text.utf8.count == 40 || text.utf8.count == 64) && text.allSatisfy(\.isHexDigit)
    }

    private struct Answer: Sendable {
        var isSuccess = false
        var text = ""
        var error = ""
    }

    private static func git(_ arguments: [String], in folder: FilePath) async -> Answer {
        // A file watcher is a program that the repository's configuration names: not run for a look at the state.
        let safe = ["-c", "core.fsmonitor=false", "-C", folder.string]
        let result = try? await Subprocess.run(
            .name("git"), arguments: Arguments(safe + arguments),
            environment: .inherit.updating(["GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"]), output: .string(limit: largestAnswer),
            error: .string(limit: 1 << 16))
        guard let result else { return Answer() }
        return Answer(
            isSuccess: result.terminationStatus.isSuccess, text: result.standardOutput, error: result.standardError)
    }
}

extension BuildError {
    static func foreignRepository(_ folder: FilePath, _ answer: String) -> BuildError {
        BuildError(
            "foreign-repository", "git does not read the repository of \(folder): another user owns it",
            remedy: "run as its owner, or trust it: git config --global --add safe.directory \(folder)")
    }
}
