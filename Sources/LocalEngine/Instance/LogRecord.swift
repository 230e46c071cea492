public import IngotModel

/// One line that an instance printed, in the form in which it stands in the instance's folder and goes over the API.
public struct LogRecord: Hashable, Sendable, Codable {
    public enum Stream: String, Sendable, Codable { case stdout, stderr }
    public var at: Timestamp
    public var instance: InstanceID
    public var stream: Stream
    public var line: String

    public init(at: Timestamp, instance: InstanceID, stream: Stream, line: String) {
        self.at = at
        self.instance = instance
        self.stream = stream
        self.line = line
    }
}
