import IngotModel

/// A COPY or ADD whose variables are filled in.
struct ExpandedCopy: Sendable {
    struct Source: Hashable, Sendable {
        var text: String
        var location: SourceLocation
    }

    /// A file whose content stands in the Dockerfile.
    struct Document: Hashable, Sendable {
        var name: String
        var content: String
    }

    var keyword: CopyInstruction.Keyword
    var sources: [Source] = []
    var documents: [Document] = []
    /// Absolute in the image, as written: links and `..` are resolved there.
    var destination: [String]
    /// Whether it was written as a folder: `x/`, `.`.
    var namesFolder: Bool
    var owner: String?
    var mode: FileModeChange?
    var isLink: Bool
    var keepsParents: Bool
    var excludes: [String]
    var excluded: IgnoreRules
    var checksum: String?
    var keepsGitFolder: Bool
    var unpacks: Bool?
    var location: SourceLocation

    init(_ copy: CopyInstruction, in state: StageState, escape: Character, at location: SourceLocation) throws(BuildError) {
        let expansion = VariableExpansion(state.variables, escape: escape)
        keyword = copy.keyword
        self.location = location
        let destination = try expansion.expand(copy.destination)
        // What is empty once its variables are filled in is the working folder.
        let last = destination.split(separator: "/", omittingEmptySubsequences: false).last
        namesFolder = last == nil || last == "" || last == "." || last == ".."
        self.destination = Self.parts(destination, below: state.workingFolder)
        owner = if let word = copy.owner { try expansion.expand(word) } else { nil }
        mode = if let word = copy.mode { try Self.mode(expansion.expand(word), at: word.location) } else { nil }
        checksum = if let word = copy.checksum { try expansion.expand(word) } else { nil }
        isLink = copy.isLink
        keepsParents = copy.keepsParents
        keepsGitFolder = copy.keepsGitFolder
        unpacks = copy.unpacks
        // Patterns are not expanded: `$` and `\` mean themselves in them.
        excludes = copy.excludes.map(\.raw)
        excluded = try IgnoreRules(patterns: excludes, at: copy.excludes.first?.location ?? location)
        try expandSources(of: copy, expansion)
    }

    private mutating func expandSources(of copy: CopyInstruction, _ expansion: VariableExpansion) throws(BuildError) {
        for word in copy.sources { sources.append(Source(text: try expansion.expand(word), location: word.location)) }
        for document in copy.documents {
            documents.append(Document(name: document.name, content: document.expands ? try expansion.expand(document) : document.content))
        }
        guard sources.count + documents.count == 1 || namesFolder else { throw Self.destinationNotFolder(at: location) }
    }

    static func destinationNotFolder(at location: SourceLocation) -> BuildError {
        BuildError("destination-not-folder", at: location, "there are several sources, so the destination must be a folder", hint: "end it with /")
    }

    static func parts(_ path: String, below folder: String) -> [String] {
        let whole = path.hasPrefix("/") ? path : "\(folder)/\(path)"
        return whole.split(separator: "/").map(String.init).filter { $0 != "." }
    }

    private static func mode(_ text: String, at location: SourceLocation) throws(BuildError) -> FileModeChange {
        guard let mode = FileModeChange(text) else {
            throw BuildError(
                "invalid-mode", at: location, "'\(text.prefix(40))' is not a mode",
                hint: "write octal digits up to 7777, such as 755, or letters, such as u=rwX,go=rX")
        }
        return mode
    }

    /// What every key of this COPY holds, whatever it stands on.
    func append(to key: inout CacheKey.Builder, date: SourceDate) {
        key.append(keyword.rawValue)
        key.append(destination)
        key.append(namesFolder ? 1 : 0)
        key.append(owner ?? "")
        key.append(mode?.text ?? "")
        key.append([isLink, keepsParents, keepsGitFolder].map { $0 ? "yes" : "no" })
        key.append(unpacks.map { $0 ? "yes" : "no" } ?? "")
        key.append(excludes)
        key.append(date.second)
    }
}

extension VariableExpansion {
    func expand(_ document: HereDocument) throws(BuildError) -> String {
        do {
            return try expandDocument(document.content)
        } catch {
            throw BuildError("invalid-variable", at: document.location, error.message)
        }
    }
}
