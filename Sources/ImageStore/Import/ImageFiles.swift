internal import Glibc
internal import IngotModel
internal import SystemPackage

/// The files of a layout or archive that somebody else wrote, by their paths in it.
protocol ImageFiles: Sendable {
    /// `nil` when there is no such file.
    func file(_ path: String) throws -> FileContent?
}

/// Those of a folder. No link is followed.
struct FolderFiles: ImageFiles {
    private let folder: OpenFile

    init(_ path: FilePath) throws { folder = try OpenFile(path, O_RDONLY | O_DIRECTORY) }

    func file(_ path: String) throws -> FileContent? {
        let file: OpenFile
        do {
            file = try folder.open(below: PlatformPath(Array(path.utf8)), O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
        } catch let error as StoreError {
            guard error.cause as? Errno == .noSuchFileOrDirectory || error.cause as? Errno == .tooManySymbolicLinkLevels else { throw error }
            return nil
        }
        let status = try file.status()
        guard status.st_mode & S_IFMT == S_IFREG else { return nil }
        return FileContent(source: .open(file, offset: 0), size: Int(status.st_size))
    }
}

/// Those of an archive, read as a tree: its limits, its checks, and nothing on the host that a name in it could reach.
struct ArchiveFiles: ImageFiles {
    /// `docker save` of old writes a layer that occurs twice as a link to the first.
    private static let mostLinks = 8

    let tree: FileTree

    func file(_ path: String) throws -> FileContent? {
        var place = try TreePath(path)
        for _ in 0..<Self.mostLinks {
            guard let node = tree.node(at: place) else { return nil }
            guard case .symbolicLink(let target) = node.kind else { return node.content }
            guard let next = Self.follow(target, from: place) else { return nil }
            place = next
        }
        return nil
    }

    /// Where a link leads, inside the archive; `nil` when it leads out of it.
    private static func follow(_ target: [UInt8], from place: TreePath) -> TreePath? {
        guard target.first != UInt8(ascii: "/") else { return nil }
        var parts = place.parent.components
        for part in target.split(separator: UInt8(ascii: "/")) {
            if part.elementsEqual(".".utf8) { continue }
            if part.elementsEqual("..".utf8) {
                guard parts.popLast() != nil else { return nil }
            } else {
                guard let name = FileName(bytes: part) else { return nil }
                parts.append(name)
            }
        }
        return TreePath(components: parts)
    }
}
