public import IngotModel

/// What a build tells while it goes on. Steps of stages that do not depend on each other are mixed.
public enum BuildEvent: Sendable {
    /// What has to be done is known: how many steps, of which stages.
    case planned(stages: [BuildStage])
    case stepStarted(BuildStepID, text: String, location: SourceLocation)
    /// One line, without its end, that a RUN printed.
    case output(BuildStepID, line: String)
    case stepEnded(BuildStep)
    case stepFailed(BuildStepID, message: String)
    case warning(Diagnostic)
    /// What goes on besides steps: an image that is pulled.
    case note(String)
    /// The image is written.
    case finished(Digest, duration: Milliseconds)
}

/// A stage that a build goes through.
public struct BuildStage: Hashable, Sendable, Codable {
    public var index: Int
    /// Its name, or `stage-N`.
    public var name: String
    /// How many of its instructions make a layer.
    public var steps: Int
}
