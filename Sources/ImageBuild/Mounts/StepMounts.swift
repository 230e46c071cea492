import ContainerRuntime
import Glibc
import ImageStore
import IngotModel
import SystemPackage

/// What is mounted into one RUN, made ready in a folder of the build and held until the step is over.
///
/// Sources are mounted in that folder by descriptor, so that nobody can put another in their place before the runtime
/// mounts them again. Secrets lie in memory only.
struct StepMounts: Sendable {
    /// A mount that is ready, and whether its mount point is a folder.
    struct Ready: Sendable {
        var target: String
        var isFolder: Bool
        var mount: RuntimeSpecification.Mount
        var location: SourceLocation
    }

    private(set) var ready: [Ready] = []
    /// For the step alone; none of it is in a key or in the image.
    private(set) var environment: [String: String] = [:]
    private(set) var secretValues: [[UInt8]] = []
    private var caches: [CacheMounts.Use] = []
    private var agents: [SSHAgent] = []
    private let folder: FilePath
    private let privateFolder: FilePath

    /// - Parameter folder: of the step.
    init(in folder: FilePath) throws(BuildError) {
        self.folder = folder
        privateFolder = folder.appending("private")
        try Files.makeFolder(folder.appending("mounts"))
    }

    /// Where the runtime's configuration is written: in memory as soon as it holds a secret's value.
    func bundle() throws(BuildError) -> FilePath {
        let bundle = (secretValues.isEmpty ? folder : privateFolder).appending("bundle")
        try Files.makeFolder(bundle)
        return bundle
    }

    private func place(_ kind: String) -> FilePath { folder.appending("mounts").appending("\(kind)-\(ready.count)") }

    private mutating func add(_ mount: RunMount, isFolder: Bool, _ runtimeMount: RuntimeSpecification.Mount) {
        ready.append(Ready(target: mount.target, isFolder: isFolder, mount: runtimeMount, location: mount.location))
    }

    // MARK: Each kind

    /// Files of a tree that is only read.
    mutating func bind(_ mount: RunMount, source: String, of tree: MountedTree) throws {
        let place = place("bind")
        let isFolder = try MountSource.mount(source, of: tree, at: place, isReadOnly: true, for: mount)
        add(mount, isFolder: isFolder, .programs(place.string, at: mount.target, isReadOnly: true))
    }

    /// Files over which is written; what is written goes with the step's folder.
    mutating func bindWritable(_ mount: RunMount, source: String, over lower: [FilePath], top: FileMetadata) throws {
        let place = place("writable")
        for name in ["", "upper", "work", "root"] { try Files.makeFolder(name.isEmpty ? place : place.appending(name)) }
        try Files.adopt(owner: FileOwner(user: top.userID, group: top.groupID), mode: top.mode, on: place.appending("upper"))
        let overlay = try OverlayMount(lower, upper: (place.appending("upper"), place.appending("work")), at: place.appending("root"))
        let target = place.appending("source")
        let isFolder = try MountSource.mount(source, of: MountedTree(overlay.path), at: target, isReadOnly: false, for: mount)
        add(mount, isFolder: isFolder, .programs(target.string, at: mount.target, isReadOnly: false))
    }

    mutating func memory(_ mount: RunMount, size: ByteSize?) {
        add(mount, isFolder: true, .memory(at: mount.target, size: size))
    }

    mutating func cache(_ mount: RunMount, _ use: CacheMounts.Use, isReadOnly: Bool) throws(BuildError) {
        let place = place("cache")
        try Files.makeFolder(place)
        let data = open(use.folder.string, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard data >= 0 else { throw .system("open", use.folder.string, number: errno) }
        defer { close(data) }
        try MountSource.bind(data, at: place, isReadOnly: isReadOnly)
        caches.append(use)
        add(mount, isFolder: true, .programs(place.string, at: mount.target, isReadOnly: isReadOnly))
    }

    mutating func secret(_ mount: RunMount, _ secret: RunMount.Secret, value: [UInt8]) throws(BuildError) {
        try makePrivateFolder()
        secretValues.append(value)
        if let variable = secret.variable { environment[variable] = String(decoding: value, as: UTF8.self) }
        guard secret.isFile else { return }
        let file = privateFolder.appending("secret-\(ready.count)")
        try Files.makeFile(file, value)
        try Files.adopt(owner: secret.owner, mode: secret.mode, on: file)
        var runtimeMount = RuntimeSpecification.Mount.programs(file.string, at: mount.target, isReadOnly: true)
        runtimeMount.options.append("noexec")
        add(mount, isFolder: false, runtimeMount)
    }

    mutating func agent(_ mount: RunMount, _ agent: SSHAgent) {
        agents.append(agent)
        if environment["SSH_AUTH_SOCK"] == nil { environment["SSH_AUTH_SOCK"] = mount.target }
        add(mount, isFolder: false, .programs(agent.socket.string, at: mount.target, isReadOnly: false))
    }

    /// A file of the builder's own, such as a script or `/etc/hosts`.
    mutating func file(_ content: [UInt8], at target: String, mode: UInt16, location: SourceLocation) throws(BuildError) {
        let file = place("file")
        try Files.makeFile(file, content)
        try Files.adopt(owner: nil, mode: mode, on: file)
        ready.append(Ready(target: target, isFolder: false, mount: .programs(file.string, at: target, isReadOnly: true), location: location))
    }

    /// Memory that no other user of the machine sees, and that is gone when the step is.
    private func makePrivateFolder() throws(BuildError) {
        guard secretValues.isEmpty else { return }
        try Files.makeFolder(privateFolder)
        let flags = UInt(bitPattern: Int(MS_NODEV.number | MS_NOSUID.number | MS_NOEXEC.number))
        guard mount("tmpfs", privateFolder.string, "tmpfs", flags, "mode=700,size=64m") == 0 else {
            throw .system("mount memory at", privateFolder.string, number: errno)
        }
    }

    // MARK: The end

    /// Unmounts what is mounted in the folder and lets go of caches and agents.
    mutating func release() {
        for agent in agents { agent.end() }
        for point in MountPoints.below(folder.appending("mounts").string).reversed() { umount2(point, MNT_DETACH.number) }
        umount2(privateFolder.string, MNT_DETACH.number)
        agents = []
        caches = []
    }
}
