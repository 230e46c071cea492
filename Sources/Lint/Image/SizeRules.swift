import ImageStore
import IngotModel

/// Bytes that are stored, pulled and scanned for nothing.
enum SizeRules {
    static let large = LintCheck<ImageSubject>(
        LintRule(
            .image, 1, .warning, "Large image",
            because: "Every machine stores it, every scan reads it, and most of a large image is never used.",
            fix: "Build in stages and copy only what runs; start from a smaller base. `ingot image show` lists the layers.")
    ) { subject in
        let size = subject.image.size
        return size > ImageLimits.large ? [subject.hit("the image has \(size); more than \(ImageLimits.large) is large")] : []
    }

    static let hidden = LintCheck<ImageSubject>(
        LintRule(
            .image, 2, .warning, "Bytes that a later layer deletes",
            because:
                "A layer never gets smaller: what a later one deletes or replaces is still stored, pulled, and readable by everybody who "
                + "has the image.",
            fix: "Delete in the RUN that made it, or make it in a stage of its own.")
    ) { subject in
        subject.contents.layers.filter { $0.hidden > ImageLimits.hidden }.map {
            subject.hit("\($0.hidden) of \($0.added) are hidden by later layers\(made($0))", layer: $0.diffID)
        }
    }

    static let rewritten = LintCheck<ImageSubject>(
        LintRule(
            .image, 3, .warning, "Files that are in the image twice",
            because: "A later layer has the same files in the same length again, as after `chown -R` or `chmod -R`: the image holds both.",
            fix: "Set owner and mode where the files come from: `COPY --chown=… --chmod=…`.")
    ) { subject in
        subject.contents.layers.filter { $0.rewritten > ImageLimits.rewritten }.map {
            subject.hit("\($0.rewritten) are in a later layer again\(made($0))", layer: $0.diffID)
        }
    }

    static let compilers = LintCheck<ImageSubject>(
        LintRule(
            .image, 4, .warning, "Compilers in the image",
            because: "The service does not need them; they are most of many an image, and the best tool an intruder can find.",
            fix: "Build in a stage of its own, and copy only what it made.")
    ) { subject in
        let files = subject.notable(.compiler)
        guard let first = files.first else { return [] }
        let more = files.count > 1 ? ", " + files.dropFirst().prefix(ImageLimits.names - 1).map(\.path).joined(separator: ", ") : ""
        return [subject.hit("\(first.path)\(more)", layer: first.layer, path: first.path)]
    }

    static let packageCaches = LintCheck<ImageSubject>(
        LintRule(
            .image, 5, .warning, "The package manager's cache in the image",
            because: "Lists and archives are of use only while something is installed, and nothing is installed in a running instance.",
            fix: "Remove them in the RUN that installs, or mount a cache over them.")
    ) { subject in cache(subject, .packageCache) }

    static let languageCaches = LintCheck<ImageSubject>(
        LintRule(
            .image, 6, .warning, "A language's download cache in the image",
            because: "What pip, npm, cargo and their like keep to be faster next time is never used again.",
            fix: "Mount a cache over it in the RUN, or install without one.")
    ) { subject in cache(subject, .languageCache) }

    private static func cache(_ subject: ImageSubject, _ kind: NotableFile.Kind) -> [LintHit] {
        let size = subject.contents.sizes[kind] ?? 0
        guard size > ImageLimits.cache, let largest = subject.notable(kind).max(by: { $0.size < $1.size }) else { return [] }
        let files = subject.contents.counts[kind] ?? 0
        return [subject.hit("\(size) in \(files) files, such as \(largest.path)", layer: largest.layer, path: largest.path)]
    }

    private static func made(_ layer: ImageContents.LayerPart) -> String { layer.instruction.map { ": \($0.prefix(80))" } ?? "" }
}
