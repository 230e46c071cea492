import Glibc
public import ImageStore
public import IngotModel
public import Logging
import Subprocess
import Synchronization
public import SystemPackage

/// Makes base images of Debian's or Ubuntu's packages by mmdebstrap.
///
/// The date of everything is the archive's own (the newest of its release files), or the snapshot's: the same
/// packages give the same image, on any day and machine.
public struct BaseImageBuilder: Sendable {
    /// The date of the archive that the packages came from.
    public static let archiveDateLabel = "dev.ingot.base.archive-date"
    /// The packages that were asked for.
    public static let packagesLabel = "dev.ingot.base.packages"

    private let store: ImageStore
    private let folder: FilePath
    private let logger: Logger

    /// - Parameter cacheFolder: `ROOT/build`.
    public init(store: ImageStore, cacheFolder: FilePath, logger: Logger) {
        self.store = store
        folder = cacheFolder
        self.logger = logger
    }

    /// Builds the image and tags it with its name.
    ///
    /// - Parameter output: gets what mmdebstrap prints, line by line.
    /// - Throws: `BuildError` with the last lines of mmdebstrap when it fails; `StoreError`.
    public func build(_ specification: BaseImageSpecification, output: @escaping @Sendable (String) -> Void = { _ in }) async throws -> Image {
        try Self.check(specification)
        let lock = try store.sharedLock()
        defer { withExtendedLifetime(lock) {} }
        let work = try BuildFolder(in: folder.appending("tmp"))
        defer { work.remove() }
        let sources = AptSource.sources(specification, host: Self.hostSources())
        let date = try await date(specification, sources, work)
        let archive = work.path.appending("root.tar")
        try await run(specification, sources, date, archive, output)
        var tree = try store.readArchive(archive)
        let packages = try Self.finish(&tree, specification, date)
        let provenance = try BaseProvenance(specification, packages: packages, archiveDate: date)
        let layer = try store.addLayer(tree)
        let image = try store.addImage(Self.configuration(specification, date: date), layers: [layer], annotations: provenance.annotations)
        try store.tag(image.digest, as: specification.name)
        return image
    }

    /// Makes of mmdebstrap's tree the image's; the packages in it with their versions.
    private static func finish(_ tree: inout FileTree, _ specification: BaseImageSpecification, _ date: Timestamp) throws -> [String: String] {
        try BaseTree.clean(&tree)
        var packages = InstalledPackage.parse(status: try BaseTree.text("var/lib/dpkg/status", of: tree) ?? "")
        if specification.variant == .distroless {
            packages = try DistrolessTree.strip(
                &tree, requested: specification.packages, keepsShell: specification.keepsShell,
                date: FileTime(seconds: Int64(date.secondsSince1970)))
        }
        try BaseTree.add(specification.users, specification.files, to: &tree, date: date)
        return BaseTree.versions(of: packages)
    }

    /// What a rebuild would change, from apt's index: nothing is built or kept.
    public func changes(_ specification: BaseImageSpecification) async throws -> BaseChanges {
        try Self.check(specification)
        let work = try BuildFolder(in: folder.appending("tmp"))
        defer { work.remove() }
        let sources = AptSource.sources(specification, host: Self.hostSources())
        let arguments = ["--simulate", "--verbose"] + Self.arguments(specification, sources: sources, archive: work.path.appending("none.tar"))
        let lines = Mutex<[String]>([])
        let (succeeded, tail) = try await program("/usr/bin/mmdebstrap", arguments, ["LC_ALL": "C.UTF-8"]) { line in
            lines.withLock { $0.append(line) }
        }
        guard succeeded else { throw BuildError.mmdebstrapFailed(specification.name, tail) }
        let image = try store.resolve(specification.name).map { try store.image($0) }
        return try BaseChanges(specification, image: image, candidates: AptSimulation.candidates(lines.withLock { $0 }))
    }

    // MARK: What is asked for

    /// Words that reach mmdebstrap as arguments may not be read as something else there.
    static func check(_ specification: BaseImageSpecification) throws(BuildError) {
        let isWord = { (text: String) in
            !text.isEmpty && text.first != "-"
                && text.utf8.allSatisfy {
                    (48...57).contains($0) || (97...122).contains($0) || (65...90).contains($0) || ".+-~:=_/".utf8.contains($0)
                }
        }
        for word in [specification.suite] + specification.packages + [specification.architecture].compactMap({ $0 }) where !isWord(word) {
            throw BuildError("invalid-base", "'\(word.prefix(60))' can't be the name of a suite, architecture or package")
        }
        if let mirror = specification.mirror, !mirror.hasPrefix("http://"), !mirror.hasPrefix("https://"), !mirror.hasPrefix("file:/") {
            throw BuildError("invalid-base", "'\(mirror.prefix(80))' is not a mirror", remedy: "write its URL: http://deb.debian.org/debian")
        }
        if let snapshot = specification.snapshot, ReleaseDate.ofSnapshot(snapshot) == nil {
            throw BuildError(
                "invalid-base", "'\(snapshot.prefix(40))' is not a snapshot", remedy: "write it as snapshot.debian.org does: 20261101T000000Z")
        }
    }

    static func arguments(_ specification: BaseImageSpecification, sources: [AptSource], archive: FilePath) -> [String] {
        let include = specification.packages.isEmpty ? [] : ["--include=\(specification.packages.joined(separator: ","))"]
        // `essential` has dpkg but no apt.
        let variant = specification.keepsPackageManager ? "minbase" : "essential"
        let dpkg =
            ["doc", "man", "info", "locale", "lintian"].map { "--dpkgopt=path-exclude=/usr/share/\($0)/*" }
            + ["--dpkgopt=path-include=/usr/share/doc/*/copyright", "--dpkgopt=path-include=/usr/share/locale/locale.alias"]
            // An image is made whole or not at all, so no file of it needs to reach the disk on its own.
            + ["--dpkgopt=force-unsafe-io"]
        let snapshot = specification.snapshot == nil ? [] : ["--aptopt=Acquire::Check-Valid-Until \"false\""]
        return [
            "--mode=root", "--variant=\(variant)", "--architectures=\(specification.architecture ?? ImageConfiguration.hostArchitecture)",
            "--format=tar",
        ]
            + include + dpkg + snapshot + [specification.suite, archive.string] + sources.map(\.line)
    }

    static func configuration(_ specification: BaseImageSpecification, date: Timestamp) -> ImageConfiguration {
        var configuration = ImageConfiguration(created: date, architecture: specification.architecture ?? ImageConfiguration.hostArchitecture)
        let environment = specification.environment.merging(["PATH": String(StageState.path.dropFirst("PATH=".count))]) { own, _ in own }
        configuration.config.environment = environment.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }
        configuration.config.user = specification.user
        configuration.config.entrypoint = specification.entrypoint.isEmpty ? nil : specification.entrypoint
        configuration.config.command = specification.command.isEmpty ? nil : specification.command
        configuration.config.workingFolder = "/"
        configuration.config.labels = [
            "org.opencontainers.image.title": specification.name, "org.opencontainers.image.created": date.text,
            archiveDateLabel: date.text, packagesLabel: specification.packages.sorted().joined(separator: " "),
        ].merging(specification.labels) { _, own in own }
        configuration.history = [
            .init(created: date.text, createdBy: "mmdebstrap \(specification.suite) \(specification.packages.joined(separator: " "))")
        ]
        return configuration
    }

    // MARK: What is done

    private static func hostSources() -> [String] {
        let folder = FilePath("/etc/apt/sources.list.d")
        let files = Files.names(folder).sorted().filter { $0.hasSuffix(".list") || $0.hasSuffix(".sources") }.map(folder.appending)
        return ([FilePath("/etc/apt/sources.list")] + files).compactMap { path in
            (try? Files.read(path, limit: 1 << 20)).flatMap { $0 }.map { String(decoding: $0, as: UTF8.self) }
        }
    }

    private func date(_ specification: BaseImageSpecification, _ sources: [AptSource], _ work: BuildFolder) async throws -> Timestamp {
        if let snapshot = specification.snapshot.flatMap(ReleaseDate.ofSnapshot) { return snapshot }
        var newest: Timestamp?
        for (place, source) in sources.enumerated() {
            let path = work.path.appending("release-\(place)")
            // apt's own downloader goes the way apt goes: proxies, certificates, mirrors.
            let (status, tail) = try await program("/usr/lib/apt/apt-helper", ["download-file", source.releaseURL, path.string], [:]) { _ in }
            guard status, let bytes = try Files.read(path, limit: 4 << 20) else { throw BuildError.archiveUnreachable(source.releaseURL, tail) }
            newest = [newest, ReleaseDate.parse(String(decoding: bytes, as: UTF8.self))].compactMap { $0 }.max()
        }
        guard let newest else { throw BuildError.archiveUnreachable(sources.first?.releaseURL ?? specification.suite, []) }
        return newest
    }

    private func run(
        _ specification: BaseImageSpecification, _ sources: [AptSource], _ date: Timestamp, _ archive: FilePath,
        _ output: @escaping @Sendable (String) -> Void
    ) async throws {
        let arguments = Self.arguments(specification, sources: sources, archive: archive)
        logger.debug("building a base image", metadata: ["name": "\(specification.name)", "arguments": "\(arguments)"])
        let (succeeded, tail) = try await program(
            "/usr/bin/mmdebstrap", arguments, ["SOURCE_DATE_EPOCH": "\(date.secondsSince1970)", "LC_ALL": "C.UTF-8"], output)
        guard succeeded else { throw BuildError.mmdebstrapFailed(specification.name, tail) }
    }

    /// Runs a program to its end; its output goes on line by line, and its last lines come back.
    private func program(
        _ path: String, _ arguments: [String], _ environment: [Environment.Key: String?], _ output: @escaping @Sendable (String) -> Void
    ) async throws -> (succeeded: Bool, tail: [String]) {
        guard access(path, X_OK) == 0 else { throw BuildError.programMissing(path) }
        let lines = OutputLines(report: output)
        let result = try await Subprocess.run(
            .path(FilePath(path)), arguments: Arguments(arguments), environment: .inherit.updating(environment), input: .none,
            output: .discarded, error: .sequence
        ) { execution in
            for try await buffer in execution.standardError { lines.append(buffer.withUnsafeBytes { Array($0) }) }
        }
        lines.finish()
        return (result.terminationStatus.isSuccess, lines.tail)
    }
}

extension BuildError {
    static func programMissing(_ path: String) -> BuildError {
        BuildError("program-missing", "\(path) is not there", remedy: "apt-get install mmdebstrap apt", fault: .world)
    }

    static func archiveUnreachable(_ url: String, _ tail: [String]) -> BuildError {
        let output = tail.map { "\n  \($0)" }.joined()
        return BuildError(
            "archive-unreachable", "can't read \(url)\(output)", remedy: "check the network, the mirror and apt's sources", fault: .world,
            outputTail: tail)
    }

    static func mmdebstrapFailed(_ name: String, _ tail: [String]) -> BuildError {
        let output = tail.map { "\n  \($0)" }.joined()
        return BuildError(
            "base-failed", "mmdebstrap could not make \(name); the last it printed:\(output)",
            remedy: "check the names of the packages and the suite", outputTail: tail)
    }
}
