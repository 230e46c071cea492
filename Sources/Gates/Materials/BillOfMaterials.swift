public import IngotModel

/// All software that was found in an image, and what could not be read.
public struct BillOfMaterials: Hashable, Sendable, Codable {
    /// A file that should say what is installed, and could not be read: the bill may lack something, so a gate that asks it stays closed.
    public struct Problem: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
        /// The layer's diff ID.
        public var layer: Digest
        public var path: String
        public var message: String

        public init(layer: Digest, path: String, message: String) {
            self.layer = layer
            self.path = path
            self.message = message
        }

        public var description: String { "\(path): \(message)" }
        public static func < (left: Problem, right: Problem) -> Bool {
            (left.path, left.layer, left.message) < (right.path, right.layer, right.message)
        }
    }

    public var image: Digest
    public var distribution: Distribution?
    /// In the order of ecosystem, name, version, architecture.
    public var packages: [Package]
    public var problems: [Problem]

    public init(image: Digest, distribution: Distribution? = nil, packages: [Package] = [], problems: [Problem] = []) {
        self.image = image
        self.distribution = distribution
        self.packages = packages
        self.problems = problems
    }

    /// Why a gate can't rely on the bill; empty when everything could be read.
    public var refusals: [String] { problems.map { "the bill of materials is incomplete: \($0)" } }
}
