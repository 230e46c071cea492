internal import Glibc
internal import IngotModel

/// A certificate's file, or its key's.
enum CertificateFile {
    private static let limit: ByteSize = .mebibytes(1)

    /// - Parameter isSecret: whether it is refused when everybody may read or write it.
    static func read(_ path: String, isSecret: Bool = false) throws(CertificateError) -> [UInt8] {
        // Without blocking, so that a pipe in a file's place does not hold up the daemon.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failed(path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failed(path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw CertificateError("file-unreadable", "\(path) is not a regular file", remedy: "give a file in PEM")
        }
        guard !isSecret || status.st_mode & (S_IROTH | S_IWOTH) == 0 else {
            throw CertificateError("key-readable-by-others", "everybody may read or write the private key \(path)", remedy: "chmod o-rw \(path)")
        }
        return try bytes(of: descriptor, path)
    }

    private static func bytes(of descriptor: CInt, _ path: String) throws(CertificateError) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = buffer.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            guard count >= 0 else {
                if errno == EINTR { continue }
                throw failed(path)
            }
            if count == 0 { return bytes }
            bytes += buffer.prefix(count)
            guard bytes.count <= limit.bytes else {
                throw CertificateError("file-too-large", "\(path) is larger than \(limit)", remedy: "give a certificate or its key, in PEM")
            }
        }
    }

    private static func failed(_ path: String) -> CertificateError {
        CertificateError(
            "file-unreadable", "can't read \(path): \(String(cString: strerror(errno)))",
            remedy: "give a certificate and its key, which the daemon may read")
    }
}

/// By what it is seen that a file was replaced or written.
struct FileStamp: Equatable {
    private var node: UInt = 0
    private var size = 0
    private var seconds = 0
    private var nanoseconds = 0

    /// Of a file that is not there: zeros.
    init(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return }
        node = UInt(status.st_ino)
        size = Int(status.st_size)
        seconds = status.st_mtim.tv_sec
        nanoseconds = status.st_mtim.tv_nsec
    }
}
