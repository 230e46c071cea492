public import IngotModel

extension Image {
    /// Source: OCI Image Specification 1.1, Annotations.
    public static let baseDigestAnnotation = "org.opencontainers.image.base.digest"
    public static let baseNameAnnotation = "org.opencontainers.image.base.name"
}

extension ImageStore {
    /// The images that stand on another one, directly or through others: those whose manifest says so, and those whose
    /// lowest layers are all of its layers. The newest first; the base itself is not among them.
    ///
    /// The base need not be in the store any more: what manifests say is enough then.
    public func images(on base: Digest) throws -> [ImageSummary] {
        let images = try imageDigests().compactMap { digest in (try? documents(of: digest)).map { (digest: digest, $0.0, $0.1) } }
        let layers = images.first { $0.digest == base }?.2.rootfs.diffIDs ?? []
        var found: Set<Digest> = [base]
        var isGrowing = true
        while isGrowing {
            isGrowing = false
            for (digest, manifest, configuration) in images where !found.contains(digest) {
                let named = manifest.annotations?[Image.baseDigestAnnotation].flatMap { Digest($0) }
                let diffIDs = configuration.rootfs.diffIDs
                let isAbove = !layers.isEmpty && diffIDs.count > layers.count && diffIDs.starts(with: layers)
                guard isAbove || named.map(found.contains) ?? false else { continue }
                found.insert(digest)
                isGrowing = true
            }
        }
        found.remove(base)
        return try self.images().filter { found.contains($0.digest) }
    }
}
