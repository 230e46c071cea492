import ImageStore

/// What a COPY looks up in the image below it, and notes: its layer depends on that and on nothing else there.
final class ParentFiles {
    private let tree: MountedTree?
    /// Every question that was asked, and its answer.
    private(set) var lookups = CacheKey.Builder("lookups")

    /// - Parameter tree: `nil` for a parent without files, and for `--link`, which asks nothing.
    init(_ tree: MountedTree?) { self.tree = tree }

    func resolve(_ parts: [String]) throws(BuildError) -> MountedTree.Resolution {
        guard let tree else { return MountedTree.Resolution(parts: RelativePath.parts(parts.joined(separator: "/"))) }
        let resolution = try tree.resolve(parts)
        lookups.append(resolution.parts)
        append(resolution.last)
        lookups.append(resolution.folders.count)
        for folder in resolution.folders { append(folder) }
        return resolution
    }

    func find(_ parts: [String]) throws(BuildError) -> MountedTree.Found? {
        guard let tree else { return nil }
        let found = try tree.find(parts)
        lookups.append(parts)
        append(found)
        if let found { append(found.metadata) }
        return found
    }

    /// Looks without a note, to refuse what can't be: what was not refused does not depend on the answer.
    func peek(_ parts: [String]) throws(BuildError) -> MountedTree.Found? { try tree?.find(parts) }

    private func append(_ found: MountedTree.Found?) {
        switch found?.kind {
        case nil: lookups.append("nothing")
        case .folder: lookups.append("folder")
        case .link(let target): lookups.append(["link", target])
        case .regular, .other: lookups.append("file")
        }
    }

    private func append(_ metadata: FileMetadata) {
        for number in [Int(metadata.mode), Int(metadata.userID), Int(metadata.groupID), Int(metadata.modified.seconds)] { lookups.append(number) }
        lookups.append(metadata.attributes.mapValues { String(decoding: $0.flatMap { [$0 >> 4, $0 & 15].map { $0 + 65 } }, as: UTF8.self) })
    }
}
