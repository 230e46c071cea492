public import SystemPackage

/// The names that a repository has for a commit.
public enum GitTags {
    /// The tags that lie on a commit; none where there is no repository.
    public static func of(_ commit: String, in folder: FilePath) async -> [String] {
        let answer = await GitRevision.git(["tag", "--points-at", commit], in: folder)
        return answer.isSuccess ? answer.text.split(separator: "\n").map(String.init) : []
    }
}
