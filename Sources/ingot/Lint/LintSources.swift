import Glibc
import ImageBuild
import ImageStore
import IngotModel
import Lint
import Manifest
import SystemPackage

/// The files of a service that are looked at, read and parsed.
struct LintSources {
    /// As the user would write them.
    private(set) var manifestPath: String
    /// The text of each file as a terminal may show it, by name.
    private(set) var texts: [String: String] = [:]
    var names: [String] = []
    var exemptions: LintExemptions
    private(set) var specification: ServiceSpecification?
    private var manifest: ManifestSubject?
    private var dockerfile: DockerfileSubject?

    /// - Parameters:
    ///   - path: a folder, an ingot.yaml, or a Dockerfile.
    ///   - isNeeded: whether there has to be something to look at.
    /// - Throws: `CommandError` and `FailedBuild` with every mistake of a file that can't be read.
    init(_ path: String, _ options: GlobalOptions, isNeeded: Bool) throws {
        exemptions = LintExemptions(today: String(Clock.now.text.prefix(10)))
        let isFolder = Self.kind(path) == S_IFDIR
        let isManifest = path.hasSuffix(".yaml") || path.hasSuffix(".yml")
        let folder = isFolder ? path : Self.parent(of: path)
        manifestPath = isManifest ? path : Self.joined(folder, Manifest.fileName)
        if isFolder || isManifest { try readManifest(isNeeded: isManifest) }
        let isGiven = !isFolder && !isManifest
        try readDockerfile(
            isGiven ? path : Self.joined(folder, specification?.image.dockerfile ?? Defaults.dockerfile.value),
            context: isGiven ? folder : Self.joined(folder, specification?.image.context ?? "."), isNeeded: isGiven || specification != nil, options)
        guard !isNeeded || !names.isEmpty else {
            throw CommandError(
                "nothing-to-lint", "\(path) has neither \(Manifest.fileName) nor a Dockerfile",
                remedy: "name the folder of a service, a Dockerfile, or an image with --image")
        }
    }

    func findings() -> [LintFinding] { (manifest?.findings() ?? []) + (dockerfile?.findings() ?? []) }

    // MARK: Reading

    private mutating func readManifest(isNeeded: Bool) throws {
        guard let text = try LocalFile.read(manifestPath, limit: .mebibytes(2)) else {
            if isNeeded { throw CommandError.noManifest(manifestPath) }
            return
        }
        let parsed = Manifest.parse(text, file: manifestPath)
        guard let specification = parsed.value else { throw CommandError.mistakes(in: manifestPath, parsed.diagnostics) }
        self.specification = specification
        manifest = ManifestSubject(specification, ManifestOutline(text, file: manifestPath))
        add(manifestPath, text, .manifest)
        exemptions.list += LintExemptions.of(manifest: text, file: manifestPath)
        exemptions.list += ExemptionComments.read(lines(text), file: manifestPath, continuation: nil, mayTrail: true)
    }

    private mutating func readDockerfile(_ path: String, context: String, isNeeded: Bool, _ options: GlobalOptions) throws {
        guard let text = try LocalFile.read(path, limit: .mebibytes(2)) else {
            guard isNeeded else { return }
            throw CommandError("dockerfile-missing", "there is no \(path)", remedy: "name the Dockerfile, or correct image.dockerfile in ingot.yaml")
        }
        let file: Dockerfile
        do { file = try DockerfileParser.parse(text, file: path) } catch { throw FailedBuild(error: error, folder: FilePath(WorkingFolder.current)) }
        var subject = DockerfileSubject(file)
        subject.target = specification?.image.target
        subject.environments = Set(specification?.environments.map(\.name.name) ?? [])
        subject.allowsRoot = specification?.run.allowsRoot ?? false
        subject.hasCommand = specification?.run.command != nil
        subject.hasIgnoreFile = LocalFile.exists("\(path).dockerignore") || LocalFile.exists(Self.joined(context, ".dockerignore"))
        subject.contextFile = { Self.contextFile($0, in: context) }
        subject.base = Self.bases(options)
        dockerfile = subject
        add(path, text, .dockerfile)
        exemptions.list += ExemptionComments.read(file.sourceLines, file: path, continuation: file.escape, mayTrail: false)
    }

    private mutating func add(_ file: String, _ text: String, _ subject: LintRule.Subject) {
        names.append(file)
        texts[file] = lines(text).map(Terminal.safe).joined(separator: "\n")
        exemptions.subjects.insert(subject)
    }

    private func lines(_ text: String) -> [String] { text.split(omittingEmptySubsequences: false) { $0.isNewline }.map(String.init) }

    // MARK: Files

    /// A regular file below the context. Links are not followed: who wrote the repository does not choose what is read here.
    private static func contextFile(_ path: String, in context: String) -> String? {
        let parts = path.split(separator: "/")
        guard !path.hasPrefix("/"), !parts.contains("..") else { return nil }
        let folders = parts.indices.map { joined(context, parts[...$0].joined(separator: "/")) }
        guard folders.allSatisfy({ kind($0, followsLinks: false) != S_IFLNK }), let file = folders.last, kind(file) == S_IFREG else { return nil }
        return (try? LocalFile.read(file, limit: .mebibytes(1))) ?? nil
    }

    /// What images of the store say of themselves. No store is made to find out.
    private static func bases(_ options: GlobalOptions) -> @Sendable (String) -> ImageConfiguration.Settings? {
        guard LocalFile.exists("\(options.rootFolder)/store"), let store = try? options.store() else { return { _ in nil } }
        return { name in (try? store.resolve(name)).flatMap { $0 }.flatMap { try? store.configuration(of: $0).config } }
    }

    private static func kind(_ path: String, followsLinks: Bool = true) -> mode_t? {
        var status = stat()
        guard (followsLinks ? stat(path, &status) : lstat(path, &status)) == 0 else { return nil }
        return status.st_mode & S_IFMT
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func joined(_ folder: String, _ path: String) -> String {
        if path.hasPrefix("/") || folder == "." { return path }
        return path == "." ? folder : folder.hasSuffix("/") ? folder + path : "\(folder)/\(path)"
    }
}
