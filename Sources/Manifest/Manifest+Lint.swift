public import IngotModel

/// A rule of `ingot lint` that a service does not keep, and why.
public struct IgnoredRule: Hashable, Sendable {
    /// Such as `ING-M004`.
    public var id: String
    public var reason: String
    /// The last day on which it is ignored.
    public var until: CalendarDate?
    public var location: SourceLocation
}

extension Manifest {
    /// The section `lint`. Mistakes in it are told by `parse`, and what has one is left out.
    public static func ignoredRules(_ text: String, file: String = fileName) -> [IgnoredRule] {
        let (document, root) = Document.compose(text, file: file)
        guard let root, !root.isNull, let reader = MappingReader(root, in: document, path: "", known: nil) else { return [] }
        return ignoredRules(reader)
    }

    static func ignoredRules(_ reader: MappingReader) -> [IgnoredRule] {
        let section = reader.section("lint", known: Grammar.lint.names)
        guard let node = section.node("ignore"), let items = section.document.items(of: node, section.path("ignore"), limit: Limit.listEntries)
        else { return [] }
        return items.compactMap { item in
            guard let entry = MappingReader(item, in: section.document, path: "lint.ignore[]", known: Grammar.ignoredRule.names) else { return nil }
            let id = entry.required("id", .text)
            let reason = entry.required("reason", .text)
            let until: CalendarDate? = entry.value("until", .identifier)
            guard let id, let reason, !entry.has("until") || until != nil else { return nil }
            return IgnoredRule(id: id, reason: reason, until: until, location: entry.location("id"))
        }
    }
}
