import IngotModel

/// Reads `type=cache,target=/x,"source=a,b"` of a `RUN --mount`.
///
/// Source: Dockerfile reference, "RUN --mount". A key that does not fit the kind of the mount is a mistake.
struct MountFlagReader {
    struct Failure: Error {
        var message: String
        var hint: String?
    }

    static let aliases = ["dst": "target", "destination": "target", "src": "source", "ro": "readonly", "rw": "readwrite"]
    /// Keys that may stand without a value.
    static let bare: Set<String> = ["readonly", "readwrite", "required"]

    static func keys(of kind: MountFlag.Kind) -> Set<String> {
        let all: Set<String> = ["type", "target", "readonly", "readwrite"]
        let owner: Set<String> = ["mode", "uid", "gid"]
        return switch kind {
        case .bind: all.union(["source", "from"])
        case .cache: all.union(owner).union(["id", "source", "from", "sharing"])
        case .tmpfs: all.union(["size"])
        case .secret: all.union(owner).union(["id", "source", "env", "required"])
        case .ssh: all.union(owner).union(["id", "source", "required"])
        }
    }

    static func read(_ word: Word) throws(Failure) -> MountFlag {
        guard let fields = CommaSeparatedValues.parse(word.raw) else { throw Failure(message: "a quote of --mount is not closed") }
        let pairs = try fields.map { field throws(Failure) in try pair(field) }
        let kind = try kind(pairs)
        var options: [String: Word] = [:]
        for (key, value) in pairs {
            guard keys(of: kind).contains(key) else { throw unknown(key, kind) }
            guard options[key] == nil else { throw Failure(message: "--mount says '\(key)' twice") }
            options[key] = Word(value, at: word.location)
        }
        options["type"] = nil
        if kind == .secret { try checkSecret(options) }
        return MountFlag(kind: kind, options: options, location: word.location)
    }

    private static func pair(_ field: String) throws(Failure) -> (key: String, value: String) {
        let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let written = parts[0].lowercased()
        let key = aliases[written] ?? written
        if parts.count == 2 { return (key, String(parts[1])) }
        guard bare.contains(key) else { throw Failure(message: "'\(field.prefix(40))' of --mount has no value", hint: "write key=value") }
        return (key, "true")
    }

    private static func kind(_ pairs: [(key: String, value: String)]) throws(Failure) -> MountFlag.Kind {
        guard let text = pairs.last(where: { $0.key == "type" })?.value else { return .bind }
        guard let kind = MountFlag.Kind(rawValue: text.lowercased()) else {
            let names = MountFlag.Kind.allCases.map(\.rawValue)
            let nearest = NearestWord.to(text, among: names)
            throw Failure(
                message: "there is no mount of type '\(text.prefix(40))'",
                hint: nearest.map { "did you mean \($0)?" } ?? names.joined(separator: ", "))
        }
        return kind
    }

    private static func unknown(_ key: String, _ kind: MountFlag.Kind) -> Failure {
        let known = keys(of: kind).sorted()
        let nearest = NearestWord.to(key, among: known)
        return Failure(
            message: "a \(kind.rawValue) mount has no key '\(key.prefix(40))'",
            hint: nearest.map { "did you mean \($0)?" } ?? "it has \(known.joined(separator: ", "))")
    }

    private static func checkSecret(_ options: [String: Word]) throws(Failure) {
        if options["id"] != nil, options["source"] != nil { throw Failure(message: "a secret mount has either id or source") }
        guard options["id"] ?? options["source"] ?? options["target"] != nil else {
            throw Failure(message: "a secret mount needs an id", hint: "--mount=type=secret,id=NAME")
        }
    }
}

/// One line of comma-separated values: a field in double quotes may hold commas, and `""` in it is a quote.
///
/// Source: RFC 4180. As in Go's reader, a quote inside a field that does not begin with one is a mistake.
enum CommaSeparatedValues {
    static func parse(_ text: String) -> [String]? {
        var rest = text[...]
        var fields: [String] = []
        while true {
            guard let field = rest.first == "\"" ? quoted(&rest) : plain(&rest) else { return nil }
            fields.append(field)
            guard let separator = rest.popFirst() else { return fields }
            guard separator == "," else { return nil }
        }
    }

    private static func plain(_ rest: inout Substring) -> String? {
        let field = rest.prefix { $0 != "," }
        rest = rest[field.endIndex...]
        return field.contains("\"") ? nil : String(field)
    }

    private static func quoted(_ rest: inout Substring) -> String? {
        rest.removeFirst()
        var field = ""
        while let character = rest.popFirst() {
            if character != "\"" {
                field.append(character)
            } else if rest.first == "\"" {
                field.append("\"")
                rest.removeFirst()
            } else {
                return field
            }
        }
        return nil
    }
}
