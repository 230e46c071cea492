import ImageBuild
import IngotModel

/// What stands behind FROM and `--from`.
enum BaseRules {
    static let latest = LintCheck<DockerfileSubject>(
        LintRule(
            .dockerfile, 1, .warning, "Base without a version",
            because: "`latest` is another image every few weeks: the same commit is then built on something else, and nobody decided that.",
            fix: "Name a version, better a digest: `FROM debian:12@sha256:…`.")
    ) { subject in
        images(subject).compactMap { name, word in
            guard isUnversioned(name) else { return nil }
            return LintHit("'\(name)' is whatever is newest on the day of the build", at: .source(word.location))
        }
    }

    static let tag = LintCheck<DockerfileSubject>(
        LintRule(
            .dockerfile, 2, .note, "Base by a tag that can move",
            because: "A tag names another image when its owner says so. Ingot records the digest that was used; only a digest in the file makes "
                + "every machine use the same.",
            fix: "Add the digest behind the tag, and let a scheduled job renew it: `FROM debian:12@sha256:…`.")
    ) { subject in
        images(subject).compactMap { name, word in
            guard digest(name) == nil, let tag = tag(name), tag != "latest" else { return nil }
            return LintHit("'\(name)' names another image when its tag is moved", at: .source(word.location))
        }
    }

    /// Images that the file names, each where it stands. Those in arguments without a value are not known.
    private static func images(_ subject: DockerfileSubject) -> [(name: String, word: Word)] {
        let file = subject.dockerfile
        let bases = file.stages.enumerated().compactMap { index, stage -> (String, Word)? in
            guard let name = subject.baseName(stage), name != "scratch", subject.stageIndex(name, before: index) == nil else { return nil }
            return (name, stage.base)
        }
        let sources = subject.copies.compactMap(\.copy.from) + subject.runs.flatMap { $0.run.mounts.compactMap { $0.options["from"] } }
        return bases
            + sources.compactMap { word in
                // A name alone may be a context of the request.
                guard let name = subject.expanded(word), !subject.isStage(name), name.contains(where: { "/:@".contains($0) }) else { return nil }
                return (name, word)
            }
    }

    /// Whether a name stands for whatever is newest.
    static func isUnversioned(_ name: String) -> Bool { digest(name) == nil && tag(name) ?? "latest" == "latest" }

    /// Source: distribution/reference, grammar of a reference.
    private static func digest(_ name: String) -> Substring? { name.firstIndex(of: "@").map { name[$0...] } }

    private static func tag(_ name: String) -> Substring? {
        let last = name.split(separator: "/").last ?? ""
        return last.firstIndex(of: ":").map { last[last.index(after: $0)...] }
    }
}
