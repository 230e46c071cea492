internal import IngotModel

/// A file that has no name yet, with what was written of it so far.
struct HashedFile {
    let file: TemporaryFile
    var content: HashedContent

    init(_ file: TemporaryFile) {
        self.file = file
        content = HashedContent(file: file.file)
    }
}

/// What is written to a file from its beginning on, hashed as it comes.
struct HashedContent: Sendable {
    let file: OpenFile
    private(set) var hash = ContentHash()
    /// Up to where the disk was told to begin.
    private var begun = 0

    /// How much is collected before the disk is told to begin: a call for each piece from a network would cost more than it gives.
    private static let writebackStep = 8 << 20

    init(file: OpenFile) { self.file = file }

    var count: Int { hash.count }
    func digest() -> Digest { hash.digest() }

    mutating func append(_ bytes: UnsafeRawBufferPointer) throws {
        try file.write(bytes, at: count)
        hash.update(bytes)
        let ready = count - begun
        guard ready >= Self.writebackStep else { return }
        file.beginWriteback(at: begun, count: ready)
        begun = count
    }

    /// Forgets what came since the hash was this. What stands in the file behind it is written over, or has to be cut off.
    mutating func goBack(to earlier: ContentHash) {
        hash = earlier
        begun = min(begun, earlier.count)
    }
}
