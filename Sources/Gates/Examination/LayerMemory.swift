internal import IngotModel
import Synchronization

/// What the notes about layers say, decoded, for the next image with the same layers: images share most of theirs.
final class LayerMemory<Note: Sendable>: Sendable {
    /// A note about a large layer takes a megabyte.
    private static var most: Int { 64 }
    private let notes = Mutex<[Digest: Note]>([:])

    func note(about diffID: Digest, _ read: () throws -> Note) rethrows -> Note {
        if let known = notes.withLock({ $0[diffID] }) { return known }
        let note = try read()
        notes.withLock { notes in
            if notes.count >= Self.most { notes.removeAll() }
            notes[diffID] = note
        }
        return note
    }
}
