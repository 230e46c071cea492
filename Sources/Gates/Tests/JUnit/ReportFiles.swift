import Glibc
import IngotModel
import SystemPackage

/// The JUnit files that a test's command writes. Only those count that are of this run: an old file says nothing about this image.
struct ReportFiles: Sendable {
    static let fileLimit = 64
    static let sizeLimit = ByteSize.mebibytes(16)

    var pattern: String
    /// The folder of `ingot.yaml`.
    var folder: FilePath

    /// What tells a file from the one that was there before.
    struct Version: Hashable, Sendable {
        var inode: UInt64
        var size: Int
        var changed: Int
        var changedNanoseconds: Int
    }

    /// Those that are there now.
    func present() -> [String: Version] {
        Dictionary(paths().compactMap { path in Self.version(path).map { (path, $0) } }, uniquingKeysWith: { first, _ in first })
    }

    /// Reads all that match, which must be new or changed since `before`.
    ///
    /// - Throws: `GateError` `gates.test-report` when there is none, or one that is old, or is no JUnit report, or has no case in it.
    func read(changedSince before: [String: Version]) throws(GateError) -> TestCases {
        let paths = paths()
        guard !paths.isEmpty else { throw failure("it wrote no report '\(pattern)'", "let the command write it, relative to \(folder)") }
        guard paths.count <= Self.fileLimit else {
            throw failure("'\(pattern)' matches more than \(Self.fileLimit) files", "write a narrower pattern in `report`")
        }
        var cases = TestCases()
        for path in paths {
            guard Self.version(path) != before[path] else {
                throw failure("\(path) is of an earlier run", "let the command write it anew, or remove it at its beginning")
            }
            cases = cases + (try read(path))
        }
        guard cases.total > 0 else { throw failure("its report '\(pattern)' has no test case in it", "see whether the command found its tests") }
        return cases
    }

    private func read(_ path: String) throws(GateError) -> TestCases {
        do {
            return try JUnitReader.read(try bytes(of: path))
        } catch let error as GateError {
            throw error
        } catch {
            throw failure("\(path) can't be read as a JUnit report: \(Self.words(error))", "let the command write JUnit's XML there")
        }
    }

    private func bytes(of path: String) throws(GateError) -> [UInt8] {
        // Not blocking: a pipe that nobody writes to must not hang the test.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure("\(path) can't be opened: \(String(cString: strerror(errno)))", nil) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw failure("\(path) is no file", nil) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 256 << 10)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure("\(path) can't be read: \(String(cString: strerror(errno)))", nil) }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= Self.sizeLimit.bytes else { throw failure("\(path) is larger than \(Self.sizeLimit)", nil) }
        }
    }

    // MARK: Finding

    private func paths() -> [String] {
        var found = glob_t()
        defer { globfree(&found) }
        // Of the folder's own name nothing is a pattern.
        let escaped = folder.string.reduce(into: "") { $0 += "*?[\\".contains($1) ? "\\\($1)" : "\($1)" }
        guard glob("\(escaped)/\(pattern)", 0, nil, &found) == 0, let list = found.gl_pathv else { return [] }
        return (0..<min(Int(found.gl_pathc), Self.fileLimit + 1)).compactMap { list[$0].map { String(cString: $0) } }
    }

    private static func version(_ path: String) -> Version? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Version(
            inode: UInt64(status.st_ino), size: Int(status.st_size), changed: status.st_ctim.tv_sec, changedNanoseconds: status.st_ctim.tv_nsec)
    }

    private func failure(_ what: String, _ remedy: String?) -> GateError {
        GateError(code: "gates.test-report", message: what, remedy: remedy, fault: .gate)
    }

    private static func words(_ error: any Error) -> String {
        switch error {
        case XMLReader.Failure.doctype: "it has a document type declaration, which is not read"
        case XMLReader.Failure.tooDeep(let limit): "its elements are nested deeper than \(limit)"
        case XMLReader.Failure.malformed(let line, let reason): "line \(line): \(reason)"
        case JUnitReader.Failure.notJUnit(let root): "it begins with <\(root.prefix(40))>, not with <testsuites> or <testsuite>"
        case JUnitReader.Failure.tooManyCases: "it has more than \(JUnitReader.caseLimit) cases"
        default: "\(error)"
        }
    }
}
