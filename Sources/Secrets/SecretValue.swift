internal import CSodium
internal import Synchronization

/// The bytes of a secret. They are overwritten when nobody holds them any more, are never printed, and can't be encoded.
///
/// What a parser copied on the way here (JSON, a buffer of the network) is freed, not overwritten: Swift gives no say in that.
public final class SecretValue: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// A secret is a password, a key or a certificate.
    public static let largest = 1 << 20

    private let storage: Mutex<[UInt8]>

    public init(_ bytes: consuming [UInt8]) { storage = Mutex(bytes) }

    convenience init(_ text: String) { self.init(Array(text.utf8)) }

    deinit {
        storage.withLock { bytes in bytes.withUnsafeMutableBytes { sodium_memzero($0.baseAddress, $0.count) } }
    }

    public var count: Int { storage.withLock { $0.count } }

    /// Lets somebody use the bytes, who must not keep them.
    public func withBytes<Result>(_ body: ([UInt8]) throws -> Result) rethrows -> Result { try storage.withLock { try body($0) } }

    /// As text, without what editors put at the end of a file.
    func line() -> String? {
        withBytes { bytes in
            var end = bytes.count
            while end > 0, [10, 13, 32].contains(bytes[end - 1]) { end -= 1 }
            return String(validating: bytes[..<end], as: UTF8.self)
        }
    }

    public var description: String { "a secret of \(count) bytes" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}
