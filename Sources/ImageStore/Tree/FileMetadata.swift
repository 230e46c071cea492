/// What a file has besides its content: who may do what, whose it is, when it was changed.
public struct FileMetadata: Hashable, Sendable {
    /// The twelve bits of permissions, setuid, setgid and sticky: `0o4755`.
    public var mode: UInt16
    public var userID: UInt32
    public var groupID: UInt32
    public var modified: FileTime
    /// Extended attributes by full name, such as `security.capability` and `user.note`.
    public var attributes: [String: [UInt8]]

    public init(
        mode: UInt16, userID: UInt32 = 0, groupID: UInt32 = 0, modified: FileTime = .zero, attributes: [String: [UInt8]] = [:]
    ) {
        self.mode = mode & 0o7777
        self.userID = userID
        self.groupID = groupID
        self.modified = modified
        self.attributes = attributes
    }

    /// What a folder gets that nobody described: readable by all, of root, from 1970.
    public static let implicitFolder = FileMetadata(mode: 0o755)

    /// Whether an extended attribute belongs into an image.
    ///
    /// Kept are `user.*`, capabilities and access control lists. Left out is what belongs to one host or to its
    /// kernel: overlay's own marks (an archive could redirect folders with them), SELinux labels, IMA signatures.
    static func belongsInImage(attribute name: String) -> Bool {
        guard !name.hasPrefix("user.overlay."), name.utf8.count <= 255 else { return false }
        return name.hasPrefix("user.") && name.utf8.count > 5 || kept.contains(name)
    }

    mutating func keepAttributesOfImages() {
        guard !attributes.isEmpty else { return }
        attributes = attributes.filter { Self.belongsInImage(attribute: $0.key) }
    }

    private static let kept: Set = ["security.capability", "system.posix_acl_access", "system.posix_acl_default"]
}

/// A moment in seconds since 1970. The fraction is known to the tree, but in a layer times are whole seconds:
/// its archive has no other, and both forms of a layer must agree.
public struct FileTime: Hashable, Comparable, Sendable {
    public var seconds: Int64
    public var nanoseconds: UInt32
    public static let zero = FileTime(seconds: 0)

    public init(seconds: Int64, nanoseconds: UInt32 = 0) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    public static func < (left: FileTime, right: FileTime) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }
}
