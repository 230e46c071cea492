import Glibc
import SystemPackage

/// The right to make what a key stands for, which one build on this machine has at a time: two builds of the same thing
/// do the work once. It ends with its process.
///
/// It is only about not doing work twice: whoever does not wait gets the right result too.
final class CacheTurn: Sendable {
    private let path: FilePath
    private let file: CInt
    /// Whether somebody else had it before, so that the result may be there now.
    let hasWaited: Bool

    private static let pause = Duration.milliseconds(20)

    /// Waits for the turn, without holding a thread.
    ///
    /// - Parameter path: of a file that is made and removed again.
    init(_ path: FilePath) async throws {
        self.path = path
        var hasWaited = false
        while true {
            if let file = try Self.take(path) {
                self.file = file
                break
            }
            hasWaited = true
            try await Task.sleep(for: Self.pause)
        }
        self.hasWaited = hasWaited
    }

    /// `nil` when somebody else has it.
    private static func take(_ path: FilePath) throws(BuildError) -> CInt? {
        let file = open(path.string, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw .system("open", path.string, number: errno) }
        // Whoever had it removed the file: the name may be another one's by now.
        if flock(file, LOCK_EX | LOCK_NB) == 0, isNamed(file, path) { return file }
        close(file)
        return nil
    }

    private static func isNamed(_ file: CInt, _ path: FilePath) -> Bool {
        var mine = stat(), named = stat()
        return fstat(file, &mine) == 0 && stat(path.string, &named) == 0 && mine.st_ino == named.st_ino && mine.st_dev == named.st_dev
    }

    deinit {
        unlink(path.string)
        close(file)
    }
}
