public import IngotModel

/// Every number of the engine that bounds something that could grow, or something that is waited for.
public enum EngineLimits {
    /// Instances of all fleets together.
    public static let instances = 1_000
    /// Ended instances of a fleet whose record and output are kept.
    public static let endedPerFleet = 10
    /// Ended instances of all fleets together.
    public static let ended = 200
    /// The size of one file of an instance's output, and how many of them are kept.
    public static let logFileSize = ByteSize.mebibytes(10)
    public static let logFiles = 3
    /// Lines of output that stand in the description of a failure, and the longest of them.
    public static let linesInFailure = 5
    public static let lineLength = 300
    /// Lines of output that wait for a slow reader; older ones are left out then.
    public static let bufferedLogLines = 100_000
    /// How long a supervisor may take until its container runs.
    public static let start: Milliseconds = .seconds(30)
    /// How long after the grace a supervisor may take before the engine ends the container itself.
    public static let stopBeyondGrace: Milliseconds = .seconds(5)
    /// `/etc/passwd` and `/etc/group` of an image.
    public static let userFile = ByteSize.mebibytes(1)
    /// A state file of an instance.
    public static let stateFile = ByteSize.mebibytes(4)
    /// All secrets of all instances together, in memory.
    public static let secrets = ByteSize.mebibytes(64)
    /// The longest life of an instance outside every environment.
    public static let throwawayLifetime: Milliseconds = .minutes(150)
    /// How long such an instance may take until it is ready.
    public static let throwawayReadiness: Milliseconds = .seconds(60)
    /// Images whose documents and resolved users are remembered.
    public static let rememberedImages = 256
}
