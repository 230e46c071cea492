/// What one file says about the software in an image.
struct Materials: Hashable, Sendable, Codable {
    var packages: [Package] = []
    var distribution: Distribution?
    /// Whose the files in `ownedFiles` are; `nil` when they are of the packages that the file itself names.
    var owner: String?
    /// Hashes of paths that a distribution's package owns.
    var ownedFiles: [UInt64] = []
    /// What was wrong with the file. What could be read stands beside it.
    var problems: [String] = []

    var isEmpty: Bool { packages.isEmpty && distribution == nil && ownedFiles.isEmpty && problems.isEmpty }

    init(
        packages: [Package] = [], distribution: Distribution? = nil, owner: String? = nil, ownedFiles: [UInt64] = [], problems: [String] = []
    ) {
        self.packages = packages
        self.distribution = distribution
        self.owner = owner
        self.ownedFiles = ownedFiles
        self.problems = problems
    }

    static func problem(_ message: String) -> Materials { Materials(problems: [message]) }

    /// Adds a package, unless what the file calls its name or version can't be one.
    mutating func add(_ package: Package) {
        guard MaterialLimits.isText(package.name), MaterialLimits.isText(package.version) else {
            return addProblem("a package has no usable name or version")
        }
        guard packages.count < MaterialLimits.packages else { return addProblem("it names more than \(MaterialLimits.packages) packages") }
        packages.append(package)
    }

    mutating func addProblem(_ message: String) { if !problems.contains(message), problems.count < 16 { problems.append(message) } }
}

/// How much one file may say. What is more is a problem, never a silent cut.
enum MaterialLimits {
    /// A database or a lock file.
    static let document = 64 << 20
    /// A document that is held as a tree while it is read, which takes fifteen times its size.
    static let json = 16 << 20
    static let archive = 256 << 20
    static let packages = 100_000
    /// Of a name or a version, in bytes.
    static let text = 1024
    /// Archives within archives.
    static let nesting = 3
    /// Of one entry of an archive, decompressed.
    static let archiveEntry = 32 << 20
    /// Of everything decompressed from one archive.
    static let archiveTotal = 256 << 20
    /// Of an archive and all that are in it, together.
    static let archiveEntries = 200_000
    static let elfSections = 4096
    static let buildInformation = 16 << 20

    /// Without what stands for bytes that are no UTF-8: under such a name nothing would be found.
    static func isText(_ text: String) -> Bool {
        (1...self.text).contains(text.utf8.count) && text.utf8.allSatisfy { $0 > 32 && $0 != 127 } && !text.unicodeScalars.contains("\u{FFFD}")
    }
}
