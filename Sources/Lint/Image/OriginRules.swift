import Gates
import ImageStore
import IngotModel

/// What an image was made from, and what is known about it.
enum OriginRules {
    static let oldBase = LintCheck<ImageSubject>(
        LintRule(
            .image, 13, .warning, "Old base",
            because: "A base that is not renewed collects vulnerabilities that are mended elsewhere.",
            fix: "Renew it (`ingot base rebuild`, or pull its tag), and build again; a scheduled job does it without anybody.")
    ) { subject in
        guard let base = subject.base, let created = base.created, subject.now - created > ImageLimits.baseAge else { return [] }
        let days = (subject.now - created).count / 86_400_000
        return [subject.hit("the base '\(base.name)' is of \(created.text.prefix(10)), \(days) days ago")]
    }

    static let movedBase = LintCheck<ImageSubject>(
        LintRule(
            .image, 14, .warning, "The base has been renewed since",
            because: "What was mended in the base is not mended in an image that was built before.",
            fix: "Build again.")
    ) { subject in
        guard let base = subject.base, let newer = base.newer else { return [] }
        let names = base.updates.prefix(ImageLimits.names).map { "\($0.name) \($0.installed) → \($0.available)" }.joined(separator: ", ")
        let rest = base.updates.count > ImageLimits.names ? " and \(base.updates.count - ImageLimits.names) more" : ""
        return [subject.hit("'\(base.name)' is \(newer.short) now, and was \(base.digest.short)\(names.isEmpty ? "" : ": \(names)\(rest)")")]
    }

    static let dirty = LintCheck<ImageSubject>(
        LintRule(
            .image, 15, .warning, "Built from changes that no commit holds",
            because: "Nobody can build it again, and nobody can read what is in it. Production refuses it.",
            fix: "Commit, and build again.")
    ) { subject in subject.image.isDirty ? [subject.hit("its tree had uncommitted changes")] : [] }

    static let unknownCommit = LintCheck<ImageSubject>(
        LintRule(
            .image, 16, .note, "The image says of no commit that it is its source",
            because: "Without it, nobody can tell from a running instance what code it runs.",
            fix: "Build it with `ingot build` in a repository, or set the label `org.opencontainers.image.revision`.")
    ) { subject in subject.image.revision == nil ? [subject.hit("there is no label org.opencontainers.image.revision")] : [] }

    static let untested = LintCheck<ImageSubject>(
        LintRule(
            .image, 17, .error, "Untested digest",
            because: "Only what has passed its tests as this very digest is known to work.",
            fix: "Run `ingot up`, which builds and tests.")
    ) { subject in
        guard let evidence = subject.evidence, let required = subject.requiredTests else { return [] }
        return required.filter { !evidence.passedTests.contains($0) }.map { name in
            subject.hit(evidence.failedTests.contains(name) ? "its test '\(name)' has failed" : "its test '\(name)' has not run")
        }
    }
}
