import ImageStore

/// One of everything that a tree can hold.
func sampleTree() throws -> FileTree {
    var tree = FileTree(root: FileMetadata(mode: 0o755, modified: FileTime(seconds: 1_700_000_000)))
    let time = FileTime(seconds: 1_700_000_000)
    func metadata(_ mode: UInt16, user: UInt32 = 0, group: UInt32 = 0, _ attributes: [String: [UInt8]] = [:]) -> FileMetadata {
        FileMetadata(mode: mode, userID: user, groupID: group, modified: time, attributes: attributes)
    }
    try tree.insert(.folder(metadata(0o755)), at: TreePath("etc"))
    try tree.insert(.regular(FileContent(text: "hello\n"), metadata(0o644)), at: TreePath("etc/motd"))
    try tree.insert(.regular(.empty, FileMetadata(mode: 0o600)), at: TreePath("etc/empty"))
    try tree.insert(
        .regular(FileContent(bytes: [UInt8](repeating: 7, count: 4096)), metadata(0o640, user: 1000, group: 70_000)), at: TreePath("etc/block"))
    try tree.insert(.regular(FileContent(bytes: (0..<9_000).map { UInt8(truncatingIfNeeded: $0) }), metadata(0o4755)), at: TreePath("usr/bin/tool"))
    try tree.link(TreePath("usr/bin/tool"), at: TreePath("usr/bin/same"))
    try tree.insert(.symbolicLink(to: "../usr/bin/tool", metadata(0o777)), at: TreePath("etc/link"))
    try tree.insert(FileNode(.characterDevice(DeviceNumber(major: 1, minor: 3)), metadata(0o666)), at: TreePath("dev/null"))
    try tree.insert(FileNode(.blockDevice(DeviceNumber(major: 259, minor: 300)), metadata(0o660)), at: TreePath("dev/disk"))
    try tree.insert(FileNode(.fifo, metadata(0o600)), at: TreePath("run/pipe"))
    try tree.insert(.whiteout, at: TreePath("etc/gone"))
    try tree.insert(.folder(metadata(0o700), isOpaque: true), at: TreePath("var/fresh"))
    try tree.insert(.regular(FileContent(text: "x"), metadata(0o644, ["user.note": Array("kept".utf8)])), at: TreePath("var/noted"))
    try tree.insert(
        .regular(FileContent(text: "y"), metadata(0o755, ["security.capability": [1, 0, 0, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]])),
        at: TreePath("var/bound"))
    let long = String(repeating: "n", count: 200)
    try tree.insert(.regular(FileContent(text: "deep"), metadata(0o644)), at: TreePath("long/\(long)/\(long)/file"))
    try tree.insert(.regular(FileContent(text: "größe"), metadata(0o644)), at: TreePath("var/größe-.-x"))
    return tree
}

/// What a tree says of itself, one line a name, for comparing.
func listing(_ tree: FileTree) throws -> [String] {
    try tree.entries().map { entry in
        let node = entry.node
        let metadata = node.metadata
        var line = "\(entry.path) \(String(metadata.mode, radix: 8)) \(metadata.userID):\(metadata.groupID) \(metadata.modified.seconds)"
        for (name, value) in metadata.attributes.sorted(by: { $0.key < $1.key }) { line += " \(name)=\(value)" }
        if let target = entry.linkTarget { line += " link to \(target)" }
        switch node.kind {
        case .folder(let isOpaque): line += isOpaque ? " folder opaque" : " folder"
        case .regular(let content):
            line += " file \(content.size) \(try content.bytes(limit: 1 << 30).reduce(into: UInt64(5381)) { $0 = $0 &* 33 &+ UInt64($1) })"
        case .symbolicLink(let target): line += " -> \(String(decoding: target, as: UTF8.self))"
        case .characterDevice(let device): line += " c \(device.major),\(device.minor)"
        case .blockDevice(let device): line += " b \(device.major),\(device.minor)"
        case .fifo: line += " fifo"
        case .whiteout: line = "\(entry.path) whiteout"
        }
        return line
    }
}
