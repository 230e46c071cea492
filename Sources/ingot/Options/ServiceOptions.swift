import API
import ArgumentParser
import Client
import Gates
import IngotModel
import Manifest
import SystemPackage

/// Which service is meant: that of the `ingot.yaml` at hand, unless said otherwise.
struct ServiceOptions: ParsableArguments {
    @Option(
        name: [.customShort("C"), .customLong("directory")], help: ArgumentHelp("The service's folder.", valueName: "folder"), completion: .directory)
    var directory: String = "."

    @Option(help: ArgumentHelp("The service's description, relative to its folder.", valueName: "file"), completion: .file(extensions: ["yaml"]))
    var file: String = Manifest.fileName

    /// Absolute, so that it stays true wherever it is used.
    var folder: FilePath { FilePath(WorkingFolder.current).pushing(FilePath(directory)).lexicallyNormalized() }

    /// As the user would write it, for messages.
    var manifestPath: String { directory == "." || file.hasPrefix("/") ? file : "\(directory)/\(file)" }

    /// What the description names with `./` is meant from where it lies, also by the daemon.
    private var manifestFolder: FilePath { FilePath(WorkingFolder.current).pushing(FilePath(manifestPath)).removingLastComponent() }

    /// The description, with its warnings shown.
    ///
    /// - Throws: `CommandError` with every mistake when it has some, or when there is no such file.
    func manifest(_ console: Console) throws -> ServiceSpecification {
        guard let specification = try manifestIfPresent(console) else { throw CommandError.noManifest(manifestPath) }
        return specification
    }

    /// A public key that lies beside the description.
    private func key(_ file: String) throws -> String {
        guard let text = try LocalFile.read(manifestFolder.pushing(FilePath(file)).string, limit: Self.keyLimit) else {
            throw CommandError("key-missing", "there is no such file", remedy: "write it: `ingot key show NAME > \(file)`")
        }
        return try VerificationKey(pem: text, file).pem
    }

    private static let keyLimit: ByteSize = 65_536

    func manifestIfPresent(_ console: Console) throws -> ServiceSpecification? {
        guard let text = try LocalFile.read(manifestPath, limit: .mebibytes(2)) else { return nil }
        let parsed = Manifest.parse(text, file: manifestPath, folder: manifestFolder.lexicallyNormalized().string, findKey: key)
        guard let specification = parsed.value else { throw CommandError.mistakes(in: manifestPath, parsed.diagnostics) }
        for warning in parsed.diagnostics {
            for line in DiagnosticView(diagnostic: warning, source: text).lines(console.errors.style) { console.note(line) }
        }
        return try SealedFiles.fill(specification, path: besideManifest)
    }

    /// A path that is relative to the folder of the description, as this process can open it.
    func besideManifest(_ file: String) -> String { manifestFolder.appending(file).string }
}

/// An environment as it is written on the command line: `production`, or `shop/production`.
struct EnvironmentArgument: ExpressibleByArgument, Sendable, Equatable {
    var service: ServiceName?
    var environment: EnvironmentName

    init?(argument: String) {
        if let id = EnvironmentID(text: argument) {
            service = id.service
            environment = id.environment
        } else if let name = EnvironmentName(argument) {
            service = nil
            environment = name
        } else {
            return nil
        }
    }
}

/// Finds the service that a command is about when its name is not written out.
struct ServiceChoice {
    let options: ServiceOptions
    let client: Client
    let console: Console

    struct Choice {
        var environment: EnvironmentID
        /// The `ingot.yaml` that the service's name was read from.
        var manifest: ServiceSpecification?
    }

    func environment(_ argument: EnvironmentArgument) async throws -> EnvironmentID { try await choice(argument).environment }

    /// The service of the argument, of `ingot.yaml`, or the only one that the daemon knows.
    func choice(_ argument: EnvironmentArgument) async throws -> Choice {
        if let service = argument.service { return Choice(environment: EnvironmentID(service: service, environment: argument.environment)) }
        if let manifest = try options.manifestIfPresent(console) {
            return Choice(environment: EnvironmentID(service: manifest.service, environment: argument.environment), manifest: manifest)
        }
        let services = try await client.services()
        guard let only = services.first, services.count == 1 else {
            throw CommandError(
                "which-service", services.isEmpty ? "there is no service yet" : "'\(argument.environment)' of which service?",
                remedy: services.isEmpty
                    ? "run `ingot up` in the folder of a service"
                    : "write one of " + services.map { "\($0.service)/\(argument.environment)" }.joined(separator: ", "))
        }
        return Choice(environment: EnvironmentID(service: only.service, environment: argument.environment))
    }
}
