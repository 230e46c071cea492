public import IngotModel
internal import SystemPackage

extension ImageStore {
    /// Gives an image or an index a name; a name that another image had moves. Atomic. Throws `nameInvalid`, `blobMissing`.
    public func tag(_ image: Digest, as name: String) throws {
        try TagName.check(name)
        try withSharedLock {
            guard Files.exists(imagePath(image)) || Files.exists(indexPath(image)) else { throw StoreError.blobMissing(image) }
            try writeTag(name, image)
        }
    }

    /// Gives an image a name as people and builds do: what a name means stays true, by ``TagPolicy``. One at a time, so that of two that give a
    /// version to different images one is refused.
    ///
    /// - Parameter environments: the names of environments' tags, which nobody gives.
    public func give(_ name: String, to image: Digest, environments: Set<String> = []) throws {
        try TagName.check(name)
        try withNaming {
            try TagPolicy.check(name, for: image, present: readTag(name), environments: environments)
            try tag(image, as: name)
        }
    }

    /// Runs the body while nobody else, in this process or another, decides about a name: for whoever looks at what has a name before he gives it, moves it
    /// or takes it away.
    package func withNaming<Result>(_ body: () throws -> Result) throws -> Result { try alone(by: "naming", body) }

    /// Takes a name away. The image stays until garbage is collected. That there is no such name is no error.
    public func untag(_ name: String) throws {
        try TagName.check(name)
        try Files.remove(tagPath(name))
    }

    public func tags() throws -> [String: Digest] {
        var tags: [String: Digest] = [:]
        for file in try Files.names(in: folder.appending("tags")) {
            guard let name = TagName.name(ofFile: file) else { continue }
            tags[name] = try readTag(name)
        }
        return tags
    }

    /// Finds an image by a tag, a digest, the first 12 or more digits of one, or the 7 to 40 first digits of the commit
    /// it was built from. Of an index it is the image for this machine, or else the first that is here.
    ///
    /// `nil` when there is none; throws `ambiguous` when there are several.
    public func resolve(_ reference: String) throws -> Digest? { try resolveRoot(reference).flatMap { try imageDigest($0) } }

    /// Finds an image or an index, by the same words.
    public func resolveRoot(_ reference: String) throws -> Digest? {
        if (try? TagName.check(reference)) != nil, let digest = try readTag(reference) { return digest }
        if let digest = Digest(reference) { return Files.exists(imagePath(digest)) || Files.exists(indexPath(digest)) ? digest : nil }
        let digits = reference.hasPrefix("sha256:") ? String(reference.dropFirst(7)) : reference
        guard digits.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }) else { return nil }
        let images = try imageDigests()
        let all = try images + indexDigests()
        if digits.utf8.count >= 12, let digest = try only(all.filter { $0.hex.hasPrefix(digits) }, reference) { return digest }
        guard (7...40).contains(digits.utf8.count), digits == reference else { return nil }
        let built = try images.filter { try isBuilt($0, from: digits) }
        // A commit that was built for several platforms means the one of this machine.
        return try only(built.count > 1 ? onlyOfHost(built) : built, reference)
    }

    private func onlyOfHost(_ images: [Digest]) throws -> [Digest] {
        let own = try images.filter { try documents(of: $0).1.architecture == ImageConfiguration.hostArchitecture }
        return own.isEmpty ? images : own
    }

    private func isBuilt(_ image: Digest, from commit: String) throws -> Bool {
        guard let (_, configuration) = try? documents(of: image) else { return false }
        return configuration.config.labels?[Image.revisionLabel]?.hasPrefix(commit) ?? false
    }

    private func only(_ found: [Digest], _ reference: String) throws -> Digest? {
        guard found.count > 1 else { return found.first }
        throw StoreError(
            .ambiguous, "'\(reference)' means \(found.count) images: \(found.prefix(5).map(\.short).joined(separator: ", "))",
            remedy: "give the digest, or more of it", fault: .user)
    }

    private func tagPath(_ name: String) -> FilePath { folder.appending("tags").appending(TagName.fileName(name)) }

    func writeTag(_ name: String, _ digest: Digest) throws {
        try TemporaryFile.write(Array("\(digest)\n".utf8), as: tagPath(name), by: blobs.temporary)
    }

    func readTag(_ name: String) throws -> Digest? {
        guard let bytes = try Files.read(tagPath(name), limit: 4096) else { return nil }
        return Digest(String(decoding: bytes, as: UTF8.self).filter { $0 != "\n" })
    }
}
