import Engine
import FoundationEssentials
import Glibc
import SystemPackage

/// The router's files: `state.0.json` and `state.1.json` (what is asked), `traffic.0.json` and `traffic.1.json` (what was counted),
/// `haproxy.cfg` and its maps (rendered from the state), `process.json`, `haproxy.log`. See `TwinFile` for the pairs.
struct RouterFolder: Sendable {
    var path: FilePath

    func file(_ name: String) -> String { path.appending(name).string }

    /// Makes the folder, for its owner only, and the empty one that HAProxy is locked into.
    func create() throws {
        for (folder, mode) in [(path.string, 0o700 as mode_t), (file("empty"), 0o755)] {
            guard mkdir(folder, mode) == 0 || errno == EEXIST else { throw EngineError.system("making", on: folder, errno: errno) }
        }
    }

    /// The content of a file, `nil` when there is none.
    func read(_ name: String, limit: Int = RouterLimits.answerBytes) throws -> [UInt8]? {
        let descriptor = open(file(name), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw EngineError.system("reading", on: file(name), errno: errno)
        }
        defer { Glibc.close(descriptor) }
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while content.count < limit {
            let count = Glibc.read(descriptor, &buffer, min(buffer.count, limit - content.count))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw EngineError.system("reading", on: file(name), errno: errno) }
            guard count > 0 else { break }
            content += buffer[..<count]
        }
        return content
    }

    /// Puts new content in a file's place, atomically: readers see the old or the new.
    ///
    /// - Parameter isDurable: whether it is on disk when this returns. What can be rendered again from the state need not be.
    func write(_ content: some Collection<UInt8>, to name: String, isDurable: Bool) throws {
        let temporary = file("\(name).new")
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw EngineError.system("writing", on: temporary, errno: errno) }
        defer { Glibc.close(descriptor) }
        try writeAll(Array(content), to: descriptor, path: temporary)
        if isDurable, fsync(descriptor) != 0 { throw EngineError.system("syncing", on: temporary, errno: errno) }
        guard rename(temporary, file(name)) == 0 else { throw EngineError.system("renaming", on: temporary, errno: errno) }
        if isDurable { try syncFolder() }
    }

    /// Overwrites the beginning of a file that is longer than that, in place; it is on disk when this returns.
    func overwrite(_ content: [UInt8], in name: String) throws {
        let descriptor = open(file(name), O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw EngineError.system("writing", on: file(name), errno: errno) }
        defer { Glibc.close(descriptor) }
        try writeAll(content, to: descriptor, path: file(name))
        guard fdatasync(descriptor) == 0 else { throw EngineError.system("syncing", on: file(name), errno: errno) }
    }

    private func writeAll(_ content: [UInt8], to descriptor: Int32, path: String) throws {
        var written = 0
        while written < content.count {
            let count = content[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw EngineError.system("writing", on: path, errno: errno) }
            written += count
        }
    }

    private func syncFolder() throws {
        let descriptor = open(path.string, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw EngineError.system("opening", on: path.string, errno: errno) }
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw EngineError.system("syncing", on: path.string, errno: errno) }
    }

    func readJSON<Value: Decodable>(_ type: Value.Type, from name: String) throws -> Value? {
        guard let content = try read(name) else { return nil }
        do {
            return try JSONDecoder().decode(type, from: Data(content))
        } catch {
            throw EngineError.stateUnreadable(file(name), cause: error)
        }
    }

    func writeJSON(_ value: some Encodable, to name: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try write(encoder.encode(value), to: name, isDurable: true)
    }
}

/// What the system says of an error number.
func errorMessage(_ number: Int32) -> String { strerror(number).map { String(cString: $0) } ?? "error \(number)" }
