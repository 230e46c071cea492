public import IngotModel
import Yams

/// Where every key of an `ingot.yaml` stands: a specification has all defaults filled in, and does not say what was written.
public struct ManifestOutline: Hashable, Sendable {
    /// Keys from the top of the file: `run.readiness.path`, `test[0].name`.
    public private(set) var locations: [String: SourceLocation] = [:]
    /// The texts behind keys that have one.
    public private(set) var texts: [String: String] = [:]
    public let beginning: SourceLocation

    /// What is beyond is not told: references may multiply what a file says.
    static let mostKeys = 20_000

    /// Mistakes are not told: `Manifest.parse` does.
    public init(_ text: String, file: String = Manifest.fileName) {
        let (document, root) = Document.compose(text, file: file)
        beginning = document.beginning
        if let root, !root.isNull, let reader = MappingReader(root, in: document, path: "", known: nil) { add(reader) }
    }

    public func has(_ path: String) -> Bool { locations[path] != nil }

    /// Where a key stands, or would stand: the nearest one above it.
    public func location(_ path: String) -> SourceLocation {
        var path = path[...]
        while !path.isEmpty {
            if let location = locations[String(path)] { return location }
            path = path.lastIndex { $0 == "." || $0 == "[" }.map { path[..<$0] } ?? ""
        }
        return beginning
    }

    private mutating func add(_ reader: MappingReader) {
        for entry in reader.entries where locations.count < Self.mostKeys {
            let path = reader.path(entry.name)
            locations[path] = reader.document.location(entry.key)
            add(entry.value, path, reader.document)
        }
    }

    private mutating func add(_ node: Node, _ path: String, _ document: Document) {
        if let scalar = node.scalar { texts[path] = scalar.string }
        if node.mapping != nil, let reader = MappingReader(node, in: document, path: path, known: nil) { add(reader) }
        for (index, item) in (node.sequence.map(Array.init) ?? []).enumerated() where locations.count < Self.mostKeys {
            let path = "\(path)[\(index)]"
            locations[path] = document.location(item)
            add(item, path, document)
        }
    }
}
