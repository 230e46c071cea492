/// The media type of a live answer: server-sent events, each with one JSON value as its data.
///
/// Source: HTML Living Standard, section 9.2, "Server-sent events".
public enum EventStream {
    public static let mediaType = "text/event-stream"
    /// The name of the event that ends a stream because of an error; its data is a `Problem`.
    public static let problemName = "problem"
    /// The name of the event that ends a stream that has come to its end, so that an end is never taken for a lost connection.
    public static let endName = "end"
}
