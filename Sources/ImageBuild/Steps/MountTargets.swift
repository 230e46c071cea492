import ContainerRuntime
import Glibc
import ImageStore
import IngotModel
import SystemPackage

/// The places in a step's root where something is mounted: found, made where they are missing, and taken out of the
/// layer again.
///
/// Source of what stays: BuildKit, `executor/stubs.go` — nothing that was made for a mount, unless the step put
/// something into it.
struct MountTargets {
    /// In the order in which they are mounted: what lies in another after it.
    let mounts: [RuntimeSpecification.Mount]
    /// Paths that the image does not have, each after the folders it is in.
    private let made: [[String]]

    /// What the runtime mounts in every container.
    static let own = ["proc", "dev", "sys"]

    /// - Parameters:
    ///   - root: the step's overlay, mounted; nothing runs in it yet.
    ///   - image: the files of the image alone; `nil` when there are none.
    init(_ ready: [StepMounts.Ready], in root: MountedTree, image: MountedTree?, at location: SourceLocation) throws {
        for name in Self.own { try Self.checkOwn(name, in: root, at: location) }
        var mounts: [RuntimeSpecification.Mount] = []
        var places = Self.own.map { [$0] }
        var made: [[String]] = []
        for entry in try Self.resolved(ready, in: root) {
            var mount = entry.ready.mount
            mount.destination = "/" + entry.parts.joined(separator: "/")
            mounts.append(mount)
            // What lies in another mount is made there, by the runtime, which does not leave the root either.
            let isCovered = places.contains { entry.parts.starts(with: $0) }
            if !isCovered { made += try Self.make(entry.parts, entry.ready, in: root, image: image) }
            places.append(entry.parts)
        }
        self.mounts = mounts
        self.made = made
    }

    /// A link there would have the runtime mount the kernel's files over those of the image, or refuse in its own words.
    private static func checkOwn(_ name: String, in root: MountedTree, at location: SourceLocation) throws(BuildError) {
        guard let found = try root.find([name]), !found.isFolder else { return }
        throw BuildError(
            "base-unsuitable", at: location, "/\(name) of the image is no folder, so nothing can be run in it", hint: "start from another base")
    }

    private static func resolved(_ ready: [StepMounts.Ready], in root: MountedTree) throws -> [(ready: StepMounts.Ready, parts: [String])] {
        var all: [(ready: StepMounts.Ready, parts: [String])] = []
        for entry in ready {
            let parts = try entry.placed { () throws(BuildError) in
                try root.resolve(entry.target.split(separator: "/").map(String.init)).parts
            }
            guard !parts.isEmpty else { throw entry.refusal("\(entry.target) is the root of the image") }
            all.append((entry, parts))
        }
        // Stable: of two at one place the later covers the earlier.
        return all.enumerated().sorted { ($0.element.parts.count, $0.offset) < ($1.element.parts.count, $1.offset) }.map(\.element)
    }

    // MARK: Making

    /// Makes a mount point and the folders it is in. Returns what of that the image does not have.
    private static func make(_ parts: [String], _ ready: StepMounts.Ready, in root: MountedTree, image: MountedTree?) throws -> [[String]] {
        if let found = try root.find(parts) {
            guard found.isFolder == ready.isFolder else {
                throw ready.refusal(
                    "\(ready.target) of the image is \(found.isFolder ? "a folder, and a file" : "no folder, and a folder") is to be mounted there")
            }
            return []
        }
        var missing: [[String]] = []
        var existing: [String] = []
        for count in 1...parts.count {
            let path = Array(parts.prefix(count))
            if try root.find(path) == nil { missing.append(path) } else { existing = path }
        }
        let time = try root.find(existing)?.metadata.modified
        for path in missing { try make(path, isFolder: path.count < parts.count || ready.isFolder, in: root) }
        if let time { try Self.set(time, on: existing, in: root) }
        return try (1...parts.count).map { Array(parts.prefix($0)) }.filter { try image?.find($0) == nil }
    }

    private static func make(_ path: [String], isFolder: Bool, in root: MountedTree) throws {
        guard let folder = try root.open(Array(path.dropLast()), O_RDONLY | O_DIRECTORY | O_NOFOLLOW), let name = path.last else {
            throw BuildError.system("open", path.joined(separator: "/"), number: ENOENT)
        }
        defer { close(folder) }
        if isFolder {
            guard mkdirat(folder, name, 0o755) == 0 else {
                throw BuildError.system("make the mount point", path.joined(separator: "/"), number: errno)
            }
            return
        }
        let file = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw BuildError.system("make the mount point", path.joined(separator: "/"), number: errno) }
        close(file)
    }

    /// The folder is as it was before a mount point was made in it.
    private static func set(_ time: FileTime, on path: [String], in root: MountedTree) throws {
        guard let folder = try root.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW) else { return }
        defer { close(folder) }
        let time = timespec(tv_sec: Int(time.seconds), tv_nsec: Int(time.nanoseconds))
        futimens(folder, [time, time])
    }

    // MARK: Taking away

    /// Takes out of the layer what was made here and is still empty, and the folders that stand in it only for that.
    func remove(from tree: inout FileTree, image: MountedTree?) throws {
        for path in made.reversed() {
            let place = try TreePath(path.joined(separator: "/"))
            guard let id = tree.find(place), Self.isEmpty(id, in: tree) else { continue }
            tree.remove(place)
            try removeUnchanged(place.parent, from: &tree, image: image)
        }
    }

    private static func isEmpty(_ id: FileTree.NodeID, in tree: FileTree) -> Bool {
        tree[id].isFolder ? tree.children(of: id).isEmpty : tree[id].size == 0 && tree[id].content != nil
    }

    private func removeUnchanged(_ path: TreePath, from tree: inout FileTree, image: MountedTree?) throws {
        guard !path.isRoot, let id = tree.find(path), tree[id].isFolder, !tree[id].isOpaque, tree.children(of: id).isEmpty,
            let below = try image?.find(path.components.map(\.description)), below.isFolder, below.metadata == tree[id].metadata
        else { return }
        tree.remove(path)
        try removeUnchanged(path.parent, from: &tree, image: image)
    }
}

extension StepMounts.Ready {
    func placed<Result>(_ body: () throws(BuildError) -> Result) throws(BuildError) -> Result {
        do { return try body() } catch { throw error.fault == .user ? refusal(error.message) : error }
    }

    func refusal(_ message: String) -> BuildError { BuildError("mount-target-unsuitable", at: location, message) }
}
