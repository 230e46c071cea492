/// What a gate that reads the image itself said of a digest, and when: evidence that is kept.
public struct GateVerdict: Hashable, Sendable, Codable {
    public enum Gate: String, Hashable, Sendable, Codable, CaseIterable {
        case size, secrets, vulnerabilities
    }

    /// One thing that stands against the image.
    public struct Objection: Hashable, Sendable, Codable {
        public var message: String
        /// What to do about it.
        public var remedy: String
        public init(_ message: String, remedy: String) {
            self.message = message
            self.remedy = remedy
        }
    }

    /// How many objections are kept and told; the last one says how many more there are.
    public static let mostObjections = 20

    public var gate: Gate
    public var image: Digest
    public var examinedAt: Timestamp
    /// Empty when the gate lets the image through.
    public var objections: [Objection]
    /// In a person's words, also when it passed: `2 fail, 7 do not, of 312 packages`.
    public var summary: String
    /// The numbers behind it, by name: `packages`, `critical`, `excepted`.
    public var figures: [String: Int]
    /// Who judged, where there is a choice.
    public var scanner: String?
    /// As of when the advisories are known that it was judged by: of the oldest that were used.
    public var advisoriesAsOf: Timestamp?

    public init(
        _ gate: Gate, of image: Digest, at: Timestamp, objections: [Objection], summary: String, figures: [String: Int] = [:],
        scanner: String? = nil, advisoriesAsOf: Timestamp? = nil
    ) {
        self.gate = gate
        self.image = image
        examinedAt = at
        self.objections = objections
        self.summary = summary
        self.figures = figures
        self.scanner = scanner
        self.advisoriesAsOf = advisoriesAsOf
    }

    public var passes: Bool { objections.isEmpty }
}
