import ImageBuild
import ImageStore
import IngotModel

/// What a build made. For people, the digest stands alone on the last line, so that `$(ingot build | tail -1)` is it.
struct BuildView: View {
    struct Value: Encodable {
        var image: Digest
        /// Of the image's configuration: what Docker calls its ID.
        var configuration: Digest
        var tags: [String]
        var commit: String?
        var isDirty: Bool
        var size: ByteSize
        var duration: Milliseconds
        var steps: [BuildStep]
    }
    var value: Value

    init(_ result: BuildResult, tags: [String]) {
        value = Value(
            image: result.root, configuration: result.image.manifest.config.digest, tags: tags, commit: result.commit,
            isDirty: result.isDirty, size: result.image.size,
            duration: result.duration, steps: result.steps)
    }

    func lines(_ style: TextStyle) -> [String] { ["\(value.image)"] }

    /// The line beside the digest: `built in 1.25 s: 12.3 MiB, 3 of 5 steps cached, commit 1a2b3c4`.
    var summary: String {
        let cached = value.steps.count { $0.outcome == .cached }
        let steps = value.steps.isEmpty ? "" : ", \(cached) of \(Words.count(value.steps.count, "step")) cached"
        let commit = value.commit.map { ", commit \(Words.commit($0))" } ?? ""
        let dirty = value.isDirty ? " with uncommitted changes: production will refuse it" : ""
        return "built in \(Words.time(value.duration)): \(value.size)\(steps)\(commit)\(dirty)"
    }
}
