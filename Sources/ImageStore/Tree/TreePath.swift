/// A place in a tree, from its root: names only, so it cannot lead out of the tree.
public struct TreePath: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The longest path, in bytes. Source: Linux, `PATH_MAX`.
    public static let longest = 4096

    public let components: [FileName]

    public static let root = TreePath(components: [])

    public init(components: [FileName]) { self.components = components }

    /// Reads a relative path. `.`, doubled and trailing slashes are skipped.
    ///
    /// Throws `StoreError` (`unsafePath`) for an absolute path, `..`, NUL, and what is too long.
    public init(bytes: [UInt8]) throws {
        let text = String(decoding: bytes.prefix(200), as: UTF8.self)
        guard bytes.first != UInt8(ascii: "/") else { throw StoreError.unsafePath(text, "it begins with '/'") }
        guard bytes.count <= Self.longest else { throw StoreError.unsafePath(text + "…", "it is longer than \(Self.longest) bytes") }
        components = try bytes.split(separator: UInt8(ascii: "/")).compactMap { part in
            if part.count == 1, part.first == UInt8(ascii: ".") { return nil }
            guard let name = FileName(bytes: part) else { throw StoreError.unsafePath(text, Self.mistake(in: part)) }
            return name
        }
    }

    public init(_ text: String) throws { try self.init(bytes: Array(text.utf8)) }

    /// Reads a path as archives and image configurations have them, where a leading `/` means the root of the image.
    public static func inImage(_ bytes: some Collection<UInt8>) throws -> TreePath {
        try TreePath(bytes: Array(bytes.drop { $0 == UInt8(ascii: "/") }))
    }

    private static func mistake(in part: ArraySlice<UInt8>) -> String {
        if part.contains(0) { return "it contains a NUL" }
        return part.count > FileName.longest ? "one of its names is longer than \(FileName.longest) bytes" : "it goes upward with '..'"
    }

    public var isRoot: Bool { components.isEmpty }
    public var name: FileName? { components.last }
    public var parent: TreePath { TreePath(components: Array(components.dropLast())) }
    public func appending(_ name: FileName) -> TreePath { TreePath(components: components + [name]) }
    public func appending(_ path: TreePath) -> TreePath { TreePath(components: components + path.components) }

    /// The path as it stands in an archive, without a leading slash; empty for the root.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for (index, component) in components.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: "/")) }
            bytes += component.bytes
        }
        return bytes
    }

    public var description: String { "/" + String(decoding: bytes, as: UTF8.self) }

    /// In canonical order: name by name, each before what is in it.
    public static func < (left: TreePath, right: TreePath) -> Bool {
        left.components.lexicographicallyPrecedes(right.components)
    }
}
