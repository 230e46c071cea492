internal import Glibc
internal import IngotModel

/// Small private files, each there whole or not at all, also after a power cut.
enum TokenFile {
    private static let ending = ".json"

    /// Throws when the name is taken.
    static func write(_ bytes: [UInt8], as name: String, in folder: String) throws {
        let temporary = "\(folder)/.\(name).\(getpid()).\(UInt32.random(in: 0 ... .max))"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw failed("write to", folder) }
        defer {
            close(descriptor)
            unlink(temporary)
        }
        let isWritten = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) == $0.count } && fsync(descriptor) == 0
        guard isWritten else { throw failed("write to", folder) }
        // A link replaces nothing, where a rename would.
        guard link(temporary, "\(folder)/\(name)\(ending)") == 0 else {
            guard errno == EEXIST else { throw failed("write to", folder) }
            throw RegistryServerError("token-exists", "there is a token '\(name)' already", remedy: "revoke it, or give the new one another name")
        }
        try synchronize(folder)
    }

    static func remove(_ name: String, in folder: String) throws -> Bool {
        guard unlink("\(folder)/\(name)\(ending)") == 0 else {
            guard errno == ENOENT else { throw failed("remove from", folder) }
            return false
        }
        try synchronize(folder)
        return true
    }

    /// `nil` when there is no such file, or it is larger.
    static func read(_ name: String, in folder: String, limit: Int) throws -> [UInt8]? {
        let descriptor = open("\(folder)/\(name)\(ending)", O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            guard errno == ENOENT else { throw failed("read", folder) }
            return nil
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: limit + 1)
        let count = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
        return (0...limit).contains(count) ? Array(bytes.prefix(count)) : nil
    }

    /// Sorted; none when there is no such folder.
    static func names(in folder: String) throws -> [String] {
        guard let stream = opendir(folder) else {
            guard errno == ENOENT else { throw failed("read", folder) }
            return []
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            if name.hasSuffix(ending), RegistryToken.isName(String(name.dropLast(ending.count))) { names.append(String(name.dropLast(ending.count))) }
        }
        return names.sorted()
    }

    private static func synchronize(_ folder: String) throws {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failed("sync", folder) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failed("sync", folder) }
    }

    static func failed(_ what: String, _ path: String) -> RegistryServerError {
        let why = String(cString: strerror(errno))
        return RegistryServerError(
            "tokens-failed", "could not \(what) \(path): \(why)", remedy: "check who may write there, and the disk", fault: .world)
    }
}
