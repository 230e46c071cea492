/// Reads what one kind of file says about the software in an image. Pure: from path and bytes to values. It never throws and never traps:
/// what is wrong with a file is a problem of its own beside what could be read.
struct MaterialReader: Sendable {
    /// Moves with every change of what readers find: what was kept of layers under another one is not used.
    static let revision = 2

    var name: String
    /// In bytes. A larger file is a problem.
    var largest = MaterialLimits.document
    /// Whether the file is the system's record of what is installed: one that can't be read there, a link for one, is a problem.
    var isDatabase = false
    /// Why files of this kind are not read: that there is one is a problem.
    var refusal: String?
    /// By the whole path (without leading slash) and its last part.
    var claims: @Sendable (_ path: String, _ name: String) -> Bool
    var read: @Sendable (_ bytes: [UInt8], _ path: String) -> Materials

    /// Those that know their files by path.
    static let all: [MaterialReader] = known + unread
    private static let known: [MaterialReader] = [
        .dpkgStatus, .dpkgStatusFolder, .dpkgFiles, .apk, .distribution, .pythonMetadata, .pythonRequirements, .pythonLock, .pipfileLock,
        .nodePackage, .nodeLock, .yarnLock, .pnpmLock, .cargoLock, .javaArchive, .rubySpecification, .rubyLock, .dotnetDependencies,
    ]

    static func reader(for path: [UInt8], name: [UInt8]) -> MaterialReader? {
        // Nearly all files end here.
        guard endings.contains(where: { name.ends(with: $0) }) || path.starts(with: statusFolder) else { return nil }
        let (path, name) = (String(decoding: path, as: UTF8.self), String(decoding: name, as: UTF8.self))
        return all.first { $0.claims(path, name) }
    }

    /// Folders of records: one that is a link leads to what is not looked at.
    static let databaseFolders: Set<[UInt8]> = Set(["var", "var/lib", "var/lib/dpkg", "var/lib/dpkg/status.d"].map { Array($0.utf8) })

    private static let statusFolder = Array("var/lib/dpkg/status.d/".utf8)
    private static let endings: [[UInt8]] = [
        "status", ".list", "installed", "os-release", "METADATA", "PKG-INFO", ".egg-info", "requirements.txt", ".lock", ".locked", ".json",
        "-lock.yaml",
        ".jar", ".war", ".ear", ".gemspec", "Packages", ".db", ".sqlite", "ALPM_DB_VERSION", "history", "PF",
    ].map { Array($0.utf8) }
}

extension [UInt8] {
    func ends(with suffix: [UInt8]) -> Bool { count >= suffix.count && self[(count - suffix.count)...].elementsEqual(suffix) }
}
