internal import Glibc
public import IngotModel
public import SystemPackage

extension ImageStore {
    /// Writes an image as an OCI image layout, as `skopeo`, `umoci` and others read it.
    ///
    /// A folder that does not exist appears whole or not at all. Into a layout that exists the image is added. Every
    /// blob is verified on the way. Throws `folderInUse` when the folder holds something else.
    ///
    /// - Parameter tag: the name by which tools find the image in the layout, such as `latest`.
    public func exportOCI(_ image: Digest, to target: FilePath, tag: String? = nil) throws {
        let lock = try sharedLock()
        defer { withExtendedLifetime(lock) {} }
        let (manifest, _) = try documents(of: image)
        let size = try blobs.size(of: image)
        let descriptor = Descriptor(
            mediaType: manifest.mediaType ?? MediaType.manifest, digest: image, size: size,
            annotations: tag.map { [ImageIndex.nameAnnotation: $0] })
        let content = [image, manifest.config.digest] + manifest.layers.map(\.digest)
        if try Files.names(in: target).isEmpty {
            try writeLayout(at: target, content, descriptor)
        } else {
            try extendLayout(at: target, content, descriptor)
        }
    }

    private func writeLayout(at target: FilePath, _ content: [Digest], _ descriptor: Descriptor) throws {
        let name = target.lastComponent?.string ?? "layout"
        let partial = target.removingLastComponent().appending(".\(name)-\(String(UInt64.random(in: .min ... .max), radix: 16))")
        var isComplete = false
        defer { if !isComplete { try? Self.removeLayout(partial) } }
        try Files.makeFolder(partial, mode: 0o755)
        try fillLayout(at: partial, content, ImageIndex(manifests: [descriptor]))
        // An empty folder gives way; anything else stops the rename.
        let code = partial.withPlatformString { from in target.withPlatformString { rename(from, $0) } }
        guard code == 0 else { throw StoreError.system("rename", target, .last) }
        isComplete = true
        let parent = target.removingLastComponent()
        try Files.synchronizeFolder(parent.isEmpty ? "." : parent)
    }

    private func extendLayout(at target: FilePath, _ content: [Digest], _ descriptor: Descriptor) throws {
        guard let marker = try Files.read(target.appending("oci-layout"), limit: 4096),
            String(decoding: marker, as: UTF8.self).contains("imageLayoutVersion"),
            let bytes = try Files.read(target.appending("index.json"), limit: Self.documentLimit.bytes),
            var index = try? CanonicalJSON.decode(ImageIndex.self, from: bytes)
        else {
            throw StoreError(
                .folderInUse, "\(target) is not empty and is no OCI image layout",
                remedy: "give a folder that does not exist, is empty, or holds a layout", fault: .user)
        }
        let name = descriptor.annotations?[ImageIndex.nameAnnotation]
        index.manifests.removeAll { $0.digest == descriptor.digest && $0.annotations == descriptor.annotations }
        if let name { index.manifests.removeAll { $0.annotations?[ImageIndex.nameAnnotation] == name } }
        index.manifests.append(descriptor)
        try fillLayout(at: target, content, index)
    }

    /// The index comes last: it is what makes the image appear.
    private func fillLayout(at target: FilePath, _ content: [Digest], _ index: ImageIndex) throws {
        let folder = target.appending("blobs").appending("sha256")
        try Files.makeFolder(target.appending("blobs"), mode: 0o755)
        try Files.makeFolder(folder, mode: 0o755)
        for digest in Set(content).sorted() {
            let temporary = try TemporaryFile(in: folder, mode: 0o644)
            try blobs.copy(digest, to: temporary)
            try temporary.commit(as: folder.appending(digest.hex))
        }
        try TemporaryFile.write(Array(OCILayout.marker.utf8), as: target.appending("oci-layout"), by: target, mode: 0o644)
        try TemporaryFile.write(CanonicalJSON.encode(index), as: target.appending("index.json"), by: target, mode: 0o644)
    }

    /// Removes what an export left half done: the files that it makes, and nothing else.
    private static func removeLayout(_ path: FilePath) throws {
        let folder = path.appending("blobs").appending("sha256")
        for parent in [folder, path] {
            for name in try Files.names(in: parent) { _ = parent.appending(name).withPlatformString { unlink($0) } }
        }
        for folder in [folder, path.appending("blobs"), path] { _ = folder.withPlatformString { rmdir($0) } }
    }
}
