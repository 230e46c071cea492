import Foundation

/// Programs of this package, built beside the tests.
enum BuiltProduct {
    /// The folder from which this test bundle was loaded.
    static func path(_ name: String) throws -> String {
        let maps = try String(contentsOfFile: "/proc/self/maps", encoding: .utf8)
        let bundle = maps.split(separator: "\n").first { $0.hasSuffix(".xctest") }.map { $0.drop { $0 != "/" } }
        guard let bundle, let slash = bundle.lastIndex(of: "/") else { throw CocoaError(.fileNoSuchFile) }
        return "\(bundle[..<slash])/\(name)"
    }
}
