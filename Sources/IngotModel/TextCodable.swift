/// A value that is one word of text in JSON, in the database and on the command line.
///
/// Reading text that is not such a value is an error that quotes the text and says what was expected.
public protocol TextCodable: Codable {
    /// What a valid text looks like, as it stands in an error message: "a service name: …".
    static var expectation: String { get }
    var text: String { get }
    init?(text: String)
}

extension TextCodable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Self(text: text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "'\(text.prefix(80))' is not \(Self.expectation)")
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// A value that is one whole number in JSON.
public protocol WholeNumberCodable: Codable, Hashable, Comparable, Sendable, CustomStringConvertible {
    var wholeNumber: Int { get }
    init(_ wholeNumber: Int)
}

extension WholeNumberCodable {
    public init(from decoder: any Decoder) throws { self.init(try decoder.singleValueContainer().decode(Int.self)) }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(wholeNumber)
    }

    public static func < (left: Self, right: Self) -> Bool { left.wholeNumber < right.wholeNumber }
}
