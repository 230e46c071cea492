/// What a statement says of its subjects. Its type is a URI that says how it is read.
public protocol Predicate: Codable, Hashable, Sendable {
    static var predicateType: String { get }
}
