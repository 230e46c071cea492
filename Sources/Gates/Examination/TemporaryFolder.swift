import Foundation
import Glibc
internal import IngotModel
internal import SystemPackage

/// A folder of this process's own, where the system keeps such.
struct TemporaryFolder {
    let path: FilePath

    init() throws {
        var name = Array("\(FileManager.default.temporaryDirectory.path)/ingot-XXXXXX".utf8CString)
        guard mkdtemp(&name) != nil else {
            let code = Errno(rawValue: errno)
            throw GateError(
                code: "gates.no-temporary-folder", message: "no folder could be made in \(FileManager.default.temporaryDirectory.path)",
                remedy: "make room there, or set TMPDIR", fault: .world, cause: code)
        }
        path = name.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.map { FilePath(platformString: $0) } ?? ""
        }
    }

    func remove() { try? FileManager.default.removeItem(atPath: path.string) }
}
