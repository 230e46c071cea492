import Gates
import ImageBuild
import ImageStore
import IngotModel
import Logging
import SystemPackage

/// Builds images on this machine, with progress shown.
struct LocalBuild {
    let store: ImageStore
    let builder: ImageBuilder
    let console: Console

    /// - Parameter insecureRegistries: those that are spoken to in plain HTTP.
    init(_ options: GlobalOptions, insecureRegistries: [String] = []) throws {
        store = try options.store()
        // What a build has to say it says as events and errors.
        let silent = Logger(label: "ingot.build") { _ in SwiftLogNoOpLogHandler() }
        builder = ImageBuilder(
            store: store, cacheFolder: FilePath(options.rootFolder).appending("build"),
            remote: RegistryImages(options: RegistryFlags.options(root: options.rootFolder, insecure: insecureRegistries)), logger: silent)
        console = options.console
    }

    /// Builds, and shows each step as it goes on; what was shown stays, also when it fails.
    ///
    /// - Parameter isInteractive: whether a RUN that failed gives a shell on this terminal.
    func run(_ request: BuildRequest, progress: ProgressMode = .auto, isInteractive: Bool = false) async throws -> BuildResult {
        let display = try console.buildDisplay(progress)
        defer { display.finish() }
        var request = request
        if isInteractive { request.interactiveOnError = { try await FailedStep(step: $0, display: display).run() } }
        if !request.isTest { request.beforeDelivery = { [store] image in try Self.keepBill(of: image, in: store) } }
        do {
            return try await builder.build(request) { display.happened($0) }
        } catch let error as BuildError {
            throw FailedBuild(error: error, folder: request.contextFolder)
        }
    }
}

extension LocalBuild {
    /// Keeps an image's bill of materials beside it. Layers are read for it once, and searched for secrets with that, so that the gates need not
    /// read them at the deployment.
    private static func keepBill(of image: Image, in store: ImageStore) throws {
        try BillDocument.cyclonedx.add(BillOfMaterials.of(image, in: store), to: image, in: store)
        _ = try SecretScan.of(image, in: store)
    }

    /// Looks at the Dockerfile and builds nothing.
    func check(_ request: BuildRequest) async throws -> [Diagnostic] {
        do {
            return try await builder.check(request)
        } catch let error as BuildError {
            throw FailedBuild(error: error, folder: request.contextFolder)
        }
    }

    /// Builds twice and compares; each build is shown.
    func verify(_ request: BuildRequest, progress: ProgressMode) async throws -> ImageVerification {
        let display = try console.buildDisplay(progress)
        defer { display.finish() }
        do {
            return try await builder.verify(request) { display.happened($0) }
        } catch let error as BuildError {
            throw FailedBuild(error: error, folder: request.contextFolder)
        }
    }
}

/// A build that failed, with the folder to which the files in its diagnostics are relative.
struct FailedBuild: Error {
    var error: BuildError
    var folder: FilePath
}
