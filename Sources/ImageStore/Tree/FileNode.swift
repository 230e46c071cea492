/// One file of a tree: what it is, and what it has.
public struct FileNode: Sendable {
    public enum Kind: Sendable {
        /// Opaque: it hides what lower layers have at its path.
        case folder(isOpaque: Bool)
        case regular(FileContent)
        /// The target is bytes that are never followed here.
        case symbolicLink(target: [UInt8])
        case characterDevice(DeviceNumber)
        case blockDevice(DeviceNumber)
        case fifo
        /// Nothing is here, whatever lower layers have.
        case whiteout
    }

    public var kind: Kind
    public var metadata: FileMetadata

    public init(_ kind: Kind, _ metadata: FileMetadata) {
        // Overlay takes this device for a whiteout, so there is only one way to say it.
        if case .characterDevice(.whiteout) = kind { self.kind = .whiteout } else { self.kind = kind }
        self.metadata = metadata
    }

    public static func folder(_ metadata: FileMetadata = .implicitFolder, isOpaque: Bool = false) -> FileNode {
        FileNode(.folder(isOpaque: isOpaque), metadata)
    }
    public static func regular(_ content: FileContent, _ metadata: FileMetadata) -> FileNode { FileNode(.regular(content), metadata) }
    public static func symbolicLink(to target: String, _ metadata: FileMetadata = FileMetadata(mode: 0o777)) -> FileNode {
        FileNode(.symbolicLink(target: Array(target.utf8)), metadata)
    }
    public static let whiteout = FileNode(.whiteout, FileMetadata(mode: 0))

    public var isFolder: Bool { if case .folder = kind { true } else { false } }
    public var isSymbolicLink: Bool { if case .symbolicLink = kind { true } else { false } }
    public var isWhiteout: Bool { if case .whiteout = kind { true } else { false } }
    public var isOpaque: Bool { if case .folder(isOpaque: true) = kind { true } else { false } }
    /// The content of a regular file.
    public var content: FileContent? { if case .regular(let content) = kind { content } else { nil } }
    /// The length of a regular file, in bytes; 0 for everything else.
    public var size: Int { content?.size ?? 0 }
}

/// Which device a device file stands for. Device files stay files of the image: its mounts are `nodev`.
public struct DeviceNumber: Hashable, Sendable {
    public var major: UInt32
    public var minor: UInt32
    public init(major: UInt32, minor: UInt32) {
        self.major = major
        self.minor = minor
    }
    static let whiteout = DeviceNumber(major: 0, minor: 0)
}
