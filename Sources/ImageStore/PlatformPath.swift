internal import SystemPackage

/// A path as the kernel takes it: bytes and a NUL. Nothing is made of it and nothing is put right in it, so it costs
/// nothing to have thousands of them.
struct PlatformPath: Hashable, Sendable {
    private let bytes: [CChar]

    init(_ bytes: [UInt8]) { self.bytes = bytes.map { CChar(bitPattern: $0) } + [0] }
    init(_ name: FileName) { self.init(name.bytes) }
    init(_ path: FilePath) { self.init(path.withPlatformString { Array(String(cString: $0).utf8) }) }

    func withBytes<Result>(_ body: (UnsafePointer<CChar>) throws -> Result) rethrows -> Result {
        try bytes.withUnsafeBufferPointer { buffer in
            // There is always the NUL, so there is always an address.
            guard let address = buffer.baseAddress else { return try "".withCString(body) }
            return try body(address)
        }
    }

    var filePath: FilePath { withBytes { FilePath(platformString: $0) } }
}
