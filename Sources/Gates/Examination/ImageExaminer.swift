internal import Dispatch
public import ImageStore
public import IngotModel
public import SystemPackage

/// Reads an image of the store and lets the gates judge it. Layers that were read before are not read again.
public struct ImageExaminer: Sendable {
    private let store: ImageStore
    /// The index that it judges by.
    public let advisories: CurrentAdvisories
    private let materials = LayerMemory<LayerMaterials>()
    private let secrets = LayerMemory<LayerSecrets>()

    /// - Parameter advisories: the index of advisories; it need not be there.
    public init(store: ImageStore, advisories: FilePath) {
        self.store = store
        self.advisories = CurrentAdvisories(advisories)
    }

    /// What can't be judged is a verdict that says no. Throws only what the store throws.
    public func examine(_ digest: Digest, by policy: GatePolicy, at now: Timestamp) async throws -> ImageExamination {
        let (image, found) = try await Self.blocking { [store, secrets] in
            let image = try store.image(digest)
            return (image, try SecretScan.of(image, in: store, secrets))
        }
        var vulnerabilities: VulnerabilityReport?
        if let policy = policy.vulnerabilities { vulnerabilities = try await report(on: image, policy, now) }
        return ImageExamination(
            image: image.digest, size: image.size, secrets: found, vulnerabilities: vulnerabilities, policy: policy, at: now)
    }

    private func report(on image: Image, _ policy: VulnerabilityPolicy, _ now: Timestamp) async throws -> VulnerabilityReport {
        switch policy.scanner {
        case .ingot:
            try await Self.blocking { [store, advisories, materials] in
                let bill = try Self.bill(of: image, in: store, materials)
                do {
                    return try advisories.judge(bill, policy: policy, at: now)
                } catch let error as GateError {
                    return VulnerabilityReport(of: image.digest, withoutAdvisories: error, at: now)
                }
            }
        case .trivy: try await report(of: ExternalScanner(.trivy), on: image, policy, now)
        case .grype: try await report(of: ExternalScanner(.grype), on: image, policy, now)
        }
    }

    private static func bill(of image: Image, in store: ImageStore, _ materials: LayerMemory<LayerMaterials>) throws -> BillOfMaterials {
        try store.withSharedLock {
            let layers = try image.layers.map { layer in
                (layer.diffID, try materials.note(about: layer.diffID) { try LayerMaterials.of(layer, in: store) })
            }
            return BillOfMaterials.join(image: image.digest, layers)
        }
    }

    /// Reading layers blocks for as long as the disk and a gigabyte take, and the threads that all tasks share are few.
    private static func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result { try BackgroundWork.run(body) }) }
        }
    }

    /// The scanner reads the image from an archive, which is gone with the verdict.
    private func report(of scanner: ExternalScanner, on image: Image, _ policy: VulnerabilityPolicy, _ now: Timestamp) async throws
        -> VulnerabilityReport
    {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let archive = folder.path.appending("image.tar")
        _ = try await Self.blocking { [store] in try store.exportArchive(image.digest, as: .oci, to: .file(archive)) }
        return await scanner.judge(image.digest, archive: archive, in: folder.path, policy: policy, at: now)
    }
}

extension VulnerabilityReport {
    /// Nothing can be judged: there are no advisories, or they can't be read.
    init(of image: Digest, withoutAdvisories error: GateError, at now: Timestamp) {
        let part = UnjudgedPart(
            reason: .noAdvisories, message: error.message, remedy: error.remedy ?? "import them: `ingot advisories import`", fails: true)
        self.init(image: image, scanner: "ingot", judgedAt: now, judgedPackages: 0, findings: [], unjudged: [part], idleExceptions: [])
    }
}
