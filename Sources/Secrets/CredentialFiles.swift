public import IngotModel

/// Reads small files of the daemon's machine: values, and what the daemon shows to a source.
public struct CredentialFiles: Sendable {
    /// The content of a regular file up to a size; `nil` when there is none.
    private let content: @Sendable (_ path: String, _ limit: ByteSize) throws -> [UInt8]?

    public init(_ content: @escaping @Sendable (_ path: String, _ limit: ByteSize) throws -> [UInt8]?) { self.content = content }

    /// - Throws: `notSetUp`.
    func read(_ path: String, _ what: String) throws(SecretError) -> SecretValue {
        guard let bytes = try? content(path, ByteSize(65_536)) else {
            throw SecretError(
                .notSetUp, "\(what) can't be read from \(path)", remedy: "see that the file is there and that the daemon's user may read it")
        }
        return SecretValue(bytes)
    }

    /// A secret that is a file.
    func value(_ path: String) throws(SecretError) -> SecretDocument {
        let bytes: [UInt8]?
        do { bytes = try content(path, ByteSize(SecretValue.largest)) } catch {
            throw SecretError(.down, "\(path) can't be read: \(error)", remedy: "see that the daemon's user may read it")
        }
        guard let bytes else {
            throw SecretError(.missing, "\(path) does not exist", remedy: "put it there, or name another file under 'secrets' in ingot.yaml")
        }
        return SecretDocument(what: path, whole: SecretValue(bytes), fields: nil)
    }

    func unusable(_ what: String) -> SecretError {
        SecretError(.notSetUp, "\(what) is not one line of text", remedy: "see the files that secret-sources.yaml names")
    }
}
