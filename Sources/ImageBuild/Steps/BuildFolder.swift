import ContainerRuntime
import Glibc
import SystemPackage

/// The folder of one running build, `ROOT/build/tmp/<8 digits>`, gone when the build ends, however it ends.
///
/// The build holds a lock on it. A folder that nobody holds is of a builder that died: the next build unmounts and
/// removes it.
final class BuildFolder: Sendable {
    let path: FilePath
    private let lock: CInt

    /// Makes a folder for this build, after removing those of dead builders.
    ///
    /// - Parameter parent: `ROOT/build/tmp`.
    init(in parent: FilePath) throws(BuildError) {
        try Files.makeFolders(parent)
        // Between making a folder and locking it nobody may take it for a dead one.
        let gate = try Self.lock(parent.appending("lock"), LOCK_EX)
        defer { close(gate) }
        Self.removeDead(in: parent)
        let digits = String(UInt32.random(in: 0 ... .max), radix: 16)
        path = parent.appending(String(repeating: "0", count: 8 - digits.count) + digits)
        try Files.makeFolder(path)
        lock = try Self.lock(path.appending("lock"), LOCK_EX)
    }

    /// Unmounts what is still mounted below, and removes all.
    func remove() {
        Self.clean(path)
    }

    deinit { close(lock) }

    /// A new folder for one step.
    func makeStepFolder(_ name: String) throws(BuildError) -> FilePath {
        let folder = path.appending(name)
        try Files.makeFolder(folder)
        return folder
    }

    private static func lock(_ path: FilePath, _ operation: CInt) throws(BuildError) -> CInt {
        let file = open(path.string, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .system("open", path.string, number: errno) }
        while flock(file, operation) != 0 {
            guard errno == EINTR else {
                let number = errno
                close(file)
                throw .system("lock", path.string, number: number)
            }
        }
        return file
    }

    private static func removeDead(in parent: FilePath) {
        for name in Files.names(parent) where name != "lock" {
            let path = parent.appending(name)
            let file = open(path.appending("lock").string, O_RDWR | O_CLOEXEC)
            if file >= 0, flock(file, LOCK_EX | LOCK_NB) != 0 {
                close(file)
                continue
            }
            endContainers(of: path, build: name)
            clean(path)
            if file >= 0 { close(file) }
        }
    }

    /// The containers of a builder that was killed end with it; one that did not is ended here.
    private static func endContainers(of path: FilePath, build: String) {
        for step in Files.names(path) where step != "lock" {
            let name = containerName(build: build, step: step)
            ControlGroup.buildStep(name).killAndRemove()
            // What the runtime noted of it has the step's environment, secrets in variables among it.
            Files.removeTree(FilePath(OCIRuntime.stateFolder).appending(name))
        }
    }

    /// Unique on this machine, and known from the folders that a build leaves.
    static func containerName(build: String, step: String) -> String {
        "ingot-build-\(build)-\(String(step.map { $0 == "." ? "-" : $0 }))"
    }

    func containerName(_ id: BuildStepID) -> String { Self.containerName(build: path.lastComponent?.string ?? "", step: "\(id)") }

    private static func clean(_ path: FilePath) {
        for point in MountPoints.below(path.string).reversed() { umount2(point, MNT_DETACH.number) }
        Files.removeTree(path)
    }
}

extension RawRepresentable where RawValue: FixedWidthInteger {
    var number: CInt { CInt(truncatingIfNeeded: rawValue) }
}

extension FixedWidthInteger {
    var number: CInt { CInt(truncatingIfNeeded: self) }
}

/// What is mounted in this process's namespace.
enum MountPoints {
    /// Below a folder, in the order in which they were mounted.
    static func below(_ folder: String) -> [String] { below(folder, mountinfo: mountinfo) }

    static var mountinfo: String { String(decoding: (try? readAll("/proc/self/mountinfo")) ?? [], as: UTF8.self) }

    /// Source: proc_pid_mountinfo(5): the fifth field, with blanks and backslashes as octal.
    static func below(_ folder: String, mountinfo: String) -> [String] {
        mountinfo.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: " ", maxSplits: 5)
            guard fields.count >= 5 else { return nil }
            let point = unescaped(fields[4])
            return point.hasPrefix(folder + "/") ? point : nil
        }
    }

    private static func unescaped(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(3)
            if byte == UInt8(ascii: "\\"), digits.count == 3, let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8) {
                bytes.append(value)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Files of /proc have no size, so they are read to their end.
    private static func readAll(_ path: String) throws(BuildError) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .system("open", path, number: errno) }
        defer { close(file) }
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return all }
            all += buffer[..<count]
        }
    }
}
