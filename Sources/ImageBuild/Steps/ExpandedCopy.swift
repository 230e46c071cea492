import IngotModel

/// A COPY whose variables are filled in.
struct ExpandedCopy: Hashable, Sendable {
    struct Source: Hashable, Sendable {
        var text: String
        var location: SourceLocation
    }

    var sources: [Source]
    /// Absolute in the image, as written: links and `..` are resolved there.
    var destination: [String]
    /// Whether it was written as a folder: `x/`, `.`.
    var namesFolder: Bool
    var owner: String?
    var mode: UInt16?
    var location: SourceLocation

    init(_ copy: CopyInstruction, in state: StageState, escape: Character, at location: SourceLocation) throws(BuildError) {
        let expansion = VariableExpansion(state.variables, escape: escape)
        sources = []
        for word in copy.sources { sources.append(Source(text: try expansion.expand(word), location: word.location)) }
        let destination = try expansion.expand(copy.destination)
        guard !destination.isEmpty else {
            throw BuildError("value-empty", at: copy.destination.location, "the destination is empty after its variables are filled in")
        }
        let last = destination.split(separator: "/", omittingEmptySubsequences: false).last
        namesFolder = last == "" || last == "." || last == ".."
        self.destination = Self.parts(destination, below: state.workingFolder)
        owner = if let word = copy.owner { try expansion.expand(word) } else { nil }
        mode = if let word = copy.mode { try Self.mode(expansion.expand(word), at: word.location) } else { nil }
        self.location = location
    }

    static func parts(_ path: String, below folder: String) -> [String] {
        let whole = path.hasPrefix("/") ? path : "\(folder)/\(path)"
        return whole.split(separator: "/").map(String.init).filter { $0 != "." }
    }

    private static func mode(_ text: String, at location: SourceLocation) throws(BuildError) -> UInt16 {
        guard (1...4).contains(text.utf8.count) || (text.utf8.count == 5 && text.hasPrefix("0")), let mode = UInt16(text, radix: 8), mode <= 0o7777
        else {
            throw BuildError(
                "invalid-mode", at: location, "'\(text.prefix(40))' is not a mode",
                hint: "write octal digits, such as 755; letters are not supported yet")
        }
        return mode
    }

    /// What every key of this COPY holds, whatever it stands on.
    func append(to key: inout CacheKey.Builder, date: SourceDate) {
        key.append(destination)
        key.append(namesFolder ? 1 : 0)
        key.append(owner ?? "")
        key.append(mode.map(Int.init) ?? -1)
        key.append(date.second)
    }
}
