internal import Glibc
public import IngotModel
internal import SystemPackage

/// Notes: what somebody found out about a layer by reading it. A layer never changes, so a note about it stays true; it is dropped with its layer.
extension ImageStore {
    /// How large a note may be: it is a summary.
    public static let largestNote: ByteSize = .mebibytes(32)

    /// The note of that kind about a layer; `nil` when there is none, or it is damaged: then it is made again.
    ///
    /// - Parameter kind: a name of small letters, digits and hyphens, with the revision of what makes the note.
    public func note(_ kind: String, about diffID: Digest) -> [UInt8]? {
        guard let path = notePath(kind, diffID), let bytes = try? Files.read(path, limit: Self.largestNote.bytes) else { return nil }
        let start = bytes.prefix(Self.checksumLength)
        let content = Array(bytes.dropFirst(Self.checksumLength))
        return start.elementsEqual(ContentHash.digest(of: content).hex.utf8) ? content : nil
    }

    /// Keeps a note; one that is there is replaced. Atomic. A note that is too large is not kept.
    public func keepNote(_ content: [UInt8], _ kind: String, about diffID: Digest) throws {
        guard let path = notePath(kind, diffID), content.count < Self.largestNote.bytes - Self.checksumLength else { return }
        try withSharedLock {
            try Files.makeFolder(path.removingLastComponent(), mode: 0o700)
            try TemporaryFile.write(Array(ContentHash.digest(of: content).hex.utf8) + content, as: path, by: blobs.temporary)
        }
    }

    /// Removes the notes about layers that are not here.
    func removeNotes() throws {
        for kind in try Files.names(in: folder.appending("notes")) {
            for name in try Files.names(in: folder.appending("notes").appending(kind)) {
                guard let diffID = Digest(hex: name), !Files.exists(recordPath(of: diffID)), let path = notePath(kind, diffID) else { continue }
                try Files.remove(path)
            }
        }
    }

    private static let checksumLength = 64

    private func notePath(_ kind: String, _ diffID: Digest) -> FilePath? {
        let isName = kind.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "-") }
        guard !kind.isEmpty, isName else { return nil }
        return folder.appending("notes").appending(kind).appending(diffID.hex)
    }
}
