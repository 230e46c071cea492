import Foundation

/// The repository as text.
enum SourceFiles {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The module folders under Sources that hold Swift.
    static func modules() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent("Sources").path)
            .filter { try !swiftFiles(of: $0).isEmpty }.sorted()
    }

    static func swiftFiles(of module: String) throws -> [URL] {
        let folder = root.appendingPathComponent("Sources").appendingPathComponent(module)
        return try FileManager.default.subpathsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".swift") }.sorted().map { folder.appendingPathComponent($0) }
    }

    /// The modules that a file's `import` lines name: `public import struct Foundation.Date` names Foundation.
    static func imports(in text: String) -> Set<String> {
        var imports: Set<String> = []
        for line in text.split(separator: "\n") {
            var words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })[...]
            while let word = words.first, word.hasPrefix("@") || ["public", "package", "internal", "fileprivate", "private"].contains(word) {
                words = words.dropFirst()
            }
            guard words.first == "import" else { continue }
            words = words.dropFirst()
            if let kind = words.first, ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"].contains(kind) {
                words = words.dropFirst()
            }
            guard let name = words.first?.split(separator: ".").first else { continue }
            imports.insert(String(name))
        }
        return imports
    }

    static func text(_ path: String) -> String? {
        try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }
}
