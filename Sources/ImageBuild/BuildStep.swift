public import IngotModel

/// One instruction that makes a layer.
public struct BuildStep: Hashable, Sendable, Codable {
    public enum Outcome: String, Hashable, Sendable, Codable {
        /// Its layer was there from a build before.
        case cached
        /// It was run or copied now.
        case made
    }
    public var id: BuildStepID
    /// As it stands in the Dockerfile.
    public var text: String
    public var location: SourceLocation
    public var outcome: Outcome
    public var duration: Milliseconds
    /// The layer it made; `nil` when it changed nothing.
    public var layer: Digest?
}

/// The stage and the place of an instruction in it, both from 0.
public struct BuildStepID: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    public var stage: Int
    public var instruction: Int
    public init(stage: Int, instruction: Int) {
        self.stage = stage
        self.instruction = instruction
    }
    public var description: String { "\(stage).\(instruction)" }
    public static func < (left: Self, right: Self) -> Bool { (left.stage, left.instruction) < (right.stage, right.instruction) }
}
