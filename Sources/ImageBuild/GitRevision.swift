import IngotModel
import Subprocess
import SystemPackage

/// Reads from git which commit a folder is at, and whether it differs from it.
enum GitRevision {
    /// How much of the answer is read. A tree with more changes than fit is dirty all the same.
    static let largestAnswer = 4 << 20

    /// The revision of a folder; ``SourceRevision/none`` where there is no repository, no commit or no git.
    ///
    /// Only changes below the folder count, untracked files too, ignored ones not.
    ///
    /// - Parameter dates: where the dates of commits are kept, so that git is asked for each only once.
    /// - Throws: `BuildError` when git refuses the repository because another user owns it.
    static func read(_ folder: FilePath, dates: CommitDates) async throws(BuildError) -> SourceRevision {
        let answer = await git(["status", "--porcelain=v2", "--branch", "--no-renames", "--untracked-files=normal", "-z", "--", "."], in: folder)
        guard answer.isSuccess else {
            if answer.error.contains("dubious ownership") { throw .foreignRepository(folder, answer.error) }
            return .none
        }
        guard let status = status(answer.text) else { return .none }
        if let second = dates.second(of: status.commit) {
            return SourceRevision(commit: status.commit, committedAtSecond: second, isDirty: status.isDirty)
        }
        let date = await git(["log", "-1", "--no-show-signature", "--no-decorate", "--format=%ct", status.commit, "--"], in: folder)
        guard let second = Int(date.text.prefix { !$0.isNewline }), second >= 0 else { return .none }
        dates.record(second, of: status.commit)
        return SourceRevision(commit: status.commit, committedAtSecond: second, isDirty: status.isDirty)
    }

    /// The commit, and whether the folder differs from it; `nil` before the first commit.
    ///
    /// Source: git-status(1), "Porcelain Format Version 2": `# branch.oid <commit>`, or `(initial)`.
    static func status(_ text: String) -> (commit: String, isDirty: Bool)? {
        let entries = text.split(separator: "\0")
        let head = "# branch.oid "
        guard let commit = entries.first(where: { $0.hasPrefix(head) })?.dropFirst(head.count), isCommit(commit) else { return nil }
        return (String(commit), entries.contains { !$0.hasPrefix("# ") })
    }

    private static func isCommit(_ text: Substring) -> Bool {
        (text.utf8.count == 40 || text.utf8.count == 64) && text.allSatisfy(\.isHexDigit)
    }

    struct Answer: Sendable {
        var isSuccess = false
        var text = ""
        var error = ""
    }

    static func git(_ arguments: [String], in folder: FilePath) async -> Answer {
        // A file watcher is a program that the repository's configuration names: not run for a look at the state.
        let safe = ["-c", "core.fsmonitor=false", "-C", folder.string]
        let result = try? await Subprocess.run(
            GitProgram.executable, arguments: Arguments(safe + arguments),
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
