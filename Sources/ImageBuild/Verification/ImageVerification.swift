public import ImageStore
public import IngotModel

/// Whether two builds of the same source gave the same image, and where they differ.
public struct ImageVerification: Sendable {
    /// What a step made otherwise the second time.
    public struct StepDifference: Hashable, Sendable, Codable {
        public var step: BuildStepID
        /// As it stands in the Dockerfile, and where.
        public var instruction: String
        public var location: SourceLocation
        /// Whether the step only copies: then what it copied differed before, and another step is to blame.
        public var isConsequence: Bool
        public var files: [FileDifference]
    }

    public var first: Image
    public var second: Image
    /// In the order of the Dockerfile.
    public var steps: [StepDifference]
    /// Settings that differ though all files are the same.
    public var configuration: [ImageDifference.Value]

    public var isReproducible: Bool { first.digest == second.digest }

    /// The steps that are to blame: all, when every one of them only copies.
    public var causes: [StepDifference] {
        let own = steps.filter { !$0.isConsequence }
        return own.isEmpty ? steps : own
    }
}

extension ImageVerification {
    /// Compares two builds step by step. Of stages that are no part of the image too: what differs there is copied later.
    static func compare(_ first: BuildResult, _ second: BuildResult, store: ImageStore) throws -> ImageVerification {
        let others = Dictionary(second.steps.map { ($0.id, $0.layer) }) { first, _ in first }
        let steps = try first.steps.compactMap { step -> StepDifference? in
            let other = others[step.id] ?? nil
            guard step.layer != other else { return nil }
            let files = try FileTree.differences(tree(step.layer, store), tree(other, store))
            return StepDifference(
                step: step.id, instruction: step.text, location: step.location, isConsequence: isCopy(step), files: files)
        }
        let configuration = try ImageDifference(FileTree(), first.image.configuration, FileTree(), second.image.configuration).configuration
        return ImageVerification(first: first.image, second: second.image, steps: steps, configuration: configuration)
    }

    /// The context is the same both times, so a COPY differs only in what it takes from another stage.
    private static func isCopy(_ step: BuildStep) -> Bool {
        step.text.prefix { !$0.isWhitespace }.lowercased() == "copy"
    }

    private static func tree(_ diffID: Digest?, _ store: ImageStore) throws -> FileTree {
        guard let diffID, let layer = try store.layer(diffID: diffID) else { return FileTree() }
        return try store.files(of: layer)
    }
}
