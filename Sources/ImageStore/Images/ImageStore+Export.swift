internal import Glibc
public import IngotModel
public import SystemPackage

extension ImageStore {
    /// Writes an image as an OCI image layout, as `skopeo`, `umoci` and others read it.
    ///
    /// A folder that does not exist appears whole or not at all. Into a layout that exists the image is added. Every
    /// blob is verified on the way. Throws `folderInUse` when the folder holds something else.
    ///
    /// - Parameters:
    ///   - tag: the name by which tools find the image in the layout, such as `latest`.
    ///   - compression: of the layers; as they are when `nil`.
    /// - Returns: the digest of the manifest that was written: the image's own, unless the compression changed it.
    @discardableResult
    public func exportOCI(_ image: Digest, to target: FilePath, tag: String? = nil, compression: LayerCompression? = nil) throws -> Digest {
        let lock = try sharedLock()
        defer { withExtendedLifetime(lock) {} }
        var exported = try exported(image, compression)
        exported.descriptor.annotations = tag.map { [ImageIndex.nameAnnotation: $0] }
        if try Files.names(in: target).isEmpty {
            try writeLayout(at: target, exported)
        } else {
            try extendLayout(at: target, exported)
        }
        return exported.descriptor.digest
    }

    func writeLayout(at target: FilePath, _ image: ExportedImage) throws {
        let name = target.lastComponent?.string ?? "layout"
        let partial = target.removingLastComponent().appending(".\(name)-\(String(UInt64.random(in: .min ... .max), radix: 16))")
        var isComplete = false
        defer { if !isComplete { try? Self.removeLayout(partial) } }
        try Files.makeFolder(partial, mode: 0o755)
        try fillLayout(at: partial, image, ImageIndex(manifests: [image.descriptor]))
        // An empty folder gives way; anything else stops the rename.
        let code = partial.withPlatformString { from in target.withPlatformString { rename(from, $0) } }
        guard code == 0 else { throw StoreError.system("rename", target, .last) }
        isComplete = true
        let parent = target.removingLastComponent()
        try Files.synchronizeFolder(parent.isEmpty ? "." : parent)
    }

    func extendLayout(at target: FilePath, _ image: ExportedImage) throws {
        guard let marker = try Files.read(target.appending("oci-layout"), limit: 4096),
            String(decoding: marker, as: UTF8.self).contains("imageLayoutVersion"),
            let bytes = try Files.read(target.appending("index.json"), limit: Self.documentLimit.bytes),
            var index = try? CanonicalJSON.decode(ImageIndex.self, from: bytes)
        else {
            throw StoreError(
                .folderInUse, "\(target) is not empty and is no OCI image layout",
                remedy: "give a folder that does not exist, is empty, or holds a layout", fault: .user)
        }
        let descriptor = image.descriptor
        let name = descriptor.annotations?[ImageIndex.nameAnnotation]
        index.manifests.removeAll { $0.digest == descriptor.digest && $0.annotations == descriptor.annotations }
        if let name { index.manifests.removeAll { $0.annotations?[ImageIndex.nameAnnotation] == name } }
        index.manifests.append(descriptor)
        try fillLayout(at: target, image, index)
    }

    /// The index comes last: it is what makes the image appear.
    private func fillLayout(at target: FilePath, _ image: ExportedImage, _ index: ImageIndex) throws {
        let folder = target.appending("blobs").appending("sha256")
        try Files.makeFolder(target.appending("blobs"), mode: 0o755)
        try Files.makeFolder(folder, mode: 0o755)
        for digest in image.blobs.map(\.digest) {
            if image.isCollection, try Files.size(folder.appending(digest.hex)) == blobs.size(of: digest) { continue }
            let temporary = try TemporaryFile(in: folder, mode: 0o644)
            try blobs.copy(digest, to: temporary)
            try temporary.commit(as: folder.appending(digest.hex))
        }
        for (digest, bytes) in image.documents { try TemporaryFile.write(bytes, as: folder.appending(digest.hex), by: folder, mode: 0o644) }
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
