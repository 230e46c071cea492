import IngotModel
import Yams

/// One mapping of a file: its keys are checked against the grammar when it is made, its values are read one by one.
struct MappingReader {
    struct Entry {
        var name: String
        var key: Node
        var value: Node
    }

    let document: Document
    /// Where it stands, for messages: `run.readiness`; empty for the whole file.
    let path: String
    let location: SourceLocation
    let entries: [Entry]

    /// - Parameters:
    ///   - known: the keys that may stand here; `nil` where people choose them.
    ///   - location: where to say that something is missing.
    init?(_ node: Node, in document: Document, path: String, known: [String]?, location: SourceLocation? = nil) {
        self.document = document
        self.path = path
        self.location = location ?? document.location(node)
        guard let mapping = node.mapping else {
            document.error(at: document.location(node), "\(Self.subject(path)) is \(node.kind); expected keys with values")
            return nil
        }
        entries = Self.merged(mapping, document)
        if let known { reportUnknown(known) }
    }

    /// A mapping without keys, for a section that is left out.
    init(emptyAt location: SourceLocation, in document: Document, path: String) {
        self.document = document
        self.path = path
        self.location = location
        entries = []
    }

    func path(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }
    func location(_ key: String) -> SourceLocation { entry(key).map { document.location($0.key) } ?? location }
    func has(_ key: String) -> Bool { entry(key) != nil }

    /// A key's value; `nil` when it is not given, also when it is given without a value, which is reported.
    func node(_ key: String) -> Node? {
        guard let entry = entry(key) else { return nil }
        guard !entry.value.isNull else {
            document.error(at: document.location(entry.key), "'\(path(key))' has no value")
            return nil
        }
        return entry.value
    }

    func entry(_ key: String) -> Entry? { entries.first { $0.name == key } }

    /// A value of a form; `nil` when it is not given, or wrong, which is reported.
    func value<Value>(_ key: String, _ form: ValueForm<Value>) -> Value? {
        node(key).flatMap { document.value(of: $0, path(key), form) }
    }

    func required<Value>(_ key: String, _ form: ValueForm<Value>, hint: String? = nil) -> Value? {
        guard has(key) else {
            reportMissing(key, hint: hint ?? "add '\(key):' with \(form.expectation)")
            return nil
        }
        return value(key, form)
    }

    func reportMissing(_ key: String, hint: String) {
        document.error(at: location, "\(path.isEmpty ? "the file" : "'\(path)'") has no '\(key)'", hint: hint)
    }

    /// A list of values of a form, those that are wrong left out and reported.
    func list<Value: Hashable>(_ key: String, _ form: ValueForm<Value>, limit: Int) -> [Value]? {
        guard let node = node(key) else { return nil }
        guard let items = document.items(of: node, path(key), limit: limit) else { return nil }
        var seen: Set<Value> = []
        return items.compactMap { item in
            guard let value = document.value(of: item, path(key), form) else { return nil }
            guard seen.insert(value).inserted else {
                document.error(at: document.location(item), "'\(value)' stands in '\(path(key))' twice")
                return nil
            }
            return value
        }
    }

    /// The words of a command, in their order; `nil` when it is not given, or wrong, which is reported.
    func command(_ key: String, hint: String? = nil) -> [String]? {
        guard let node = node(key), let items = document.items(of: node, path(key), limit: Manifest.Limit.listEntries) else { return nil }
        guard !items.isEmpty else {
            document.error(at: location(key), "'\(path(key))' has no command in it", hint: hint)
            return nil
        }
        let words = items.compactMap { document.value(of: $0, path(key), .anyText) }
        return words.count == items.count ? words : nil
    }

    /// The one of some keys that is given; `nil` when none or several are, which is reported.
    func only(of keys: [String]) -> String? {
        let given = keys.filter(has)
        guard let key = given.first else {
            reportMissing(keys[0], hint: "add one of \(keys.joined(separator: ", "))")
            return nil
        }
        guard given.count == 1 else {
            document.error(at: location(given[1]), "'\(path)' has either '\(key)' or '\(given[1])', not both")
            return nil
        }
        return key
    }

    /// `true` or `false`.
    func flag(_ key: String) -> Bool? { value(key, .word(["true", "false"])).map { $0 == "true" } }

    /// The mappings of a list, of which no two may have the same name.
    func entries<Value>(
        _ key: String, limit: Int, known: Section, noun: String, name: (Value) -> String, nameKey: String = "name",
        _ read: (MappingReader) -> Value?
    ) -> [Value] {
        guard let node = node(key), let items = document.items(of: node, path(key), limit: limit) else { return [] }
        var names: Set<String> = []
        return items.compactMap { item in
            guard let entry = MappingReader(item, in: document, path: path("\(key)[]"), known: known.names), let value = read(entry) else {
                return nil
            }
            guard names.insert(name(value)).inserted else {
                document.error(at: entry.location(nameKey), "two \(noun)s are called '\(name(value))'")
                return nil
            }
            return value
        }
    }

    /// A section below this one; an empty one when it is left out.
    func section(_ key: String, known: [String]?) -> MappingReader {
        let absent = MappingReader(emptyAt: location(key), in: document, path: path(key))
        guard let node = node(key) else { return absent }
        return MappingReader(node, in: document, path: path(key), known: known, location: location(key)) ?? absent
    }

    // MARK: Keys

    private func reportUnknown(_ known: [String]) {
        for entry in entries where !known.contains(entry.name) {
            let place = path.isEmpty ? "" : " in '\(path)'"
            document.error(
                at: document.location(entry.key), "unknown key '\(entry.name)'\(place)", hint: NearestWord.hint(for: entry.name, among: known))
        }
    }

    /// The entries of a mapping, with those of `<<: *anchor` where it does not give them itself.
    ///
    /// Source: YAML 1.1, merge key language-independent type.
    private static func merged(_ mapping: Node.Mapping, _ document: Document) -> [Entry] {
        var entries: [Entry] = []
        var merges: [Node] = []
        for (key, value) in mapping {
            guard let name = key.scalar?.string else {
                document.error(at: document.location(key), "a key must be a word, not \(key.kind)")
                continue
            }
            if name == "<<", key.isPlain { merges.append(value) } else { entries.append(Entry(name: name, key: key, value: value)) }
        }
        for merge in merges.flatMap({ $0.sequence.map(Array.init) ?? [$0] }) {
            guard let mapping = merge.mapping else {
                document.error(at: document.location(merge), "'<<' takes keys with values, such as an alias of them; this is \(merge.kind)")
                continue
            }
            for (key, value) in mapping {
                guard let name = key.scalar?.string, !entries.contains(where: { $0.name == name }) else { continue }
                entries.append(Entry(name: name, key: key, value: value))
            }
        }
        return entries
    }

    private static func subject(_ path: String) -> String { path.isEmpty ? "the file" : "'\(path)'" }
}

extension Document {
    func value<Value>(of node: Node, _ path: String, _ form: ValueForm<Value>) -> Value? {
        guard let scalar = node.scalar else {
            error(at: location(node), "'\(path)' is \(node.kind); expected \(form.expectation)")
            return nil
        }
        if let value = form.read(scalar.string) { return value }
        let shown = scalar.string.count > 60 ? "\(scalar.string.prefix(57))…" : scalar.string
        error(at: location(node), "'\(path)' is '\(shown)'; expected \(form.expectation)", hint: form.hint(scalar.string))
        return nil
    }

    func items(of node: Node, _ path: String, limit: Int) -> [Node]? {
        guard let sequence = node.sequence else {
            error(
                at: location(node), "'\(path)' is \(node.kind); expected a list",
                hint: node.scalar.map { "write '[\($0.string)]'" })
            return nil
        }
        guard sequence.count <= limit else {
            error(at: location(node), "'\(path)' has \(sequence.count) entries; at most \(limit) are allowed")
            return nil
        }
        return Array(sequence)
    }
}

extension Node {
    /// As in "is …".
    var kind: String {
        switch self {
        case .mapping: "a mapping"
        case .sequence: "a list"
        case .alias: "an alias"
        case .scalar(let scalar): isNull ? "empty" : "the text '\(scalar.string.prefix(40))'"
        }
    }

    var isPlain: Bool { scalar.map { $0.style == .plain || $0.style == .any } ?? false }

    /// Source: YAML 1.2.2, section 10.3.2 (core schema).
    var isNull: Bool { isPlain && ["", "~", "null", "Null", "NULL"].contains(scalar?.string) }
}
