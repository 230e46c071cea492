public import IngotModel

/// `<<NAME`, and the lines to `NAME`.
public struct HereDocument: Hashable, Sendable {
    public var name: String
    /// The lines, each with its end; tabs before them taken away when it was `<<-`.
    public var content: String
    /// Whether variables in the content are filled in: not when the name stood in quotes.
    public var expands: Bool
    /// Of the first line of the content.
    public var location: SourceLocation
}
