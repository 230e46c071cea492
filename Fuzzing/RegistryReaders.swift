import ImageStore
import IngotModel
import NIOHTTP1

@testable import RegistryServer

extension Reader {
    private static let limits = ServerLimits()

    /// A line each: the method, the address, and the headers that the registry reads itself.
    func readRequest(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        func line(_ number: Int) -> String { lines.indices.contains(number) ? lines[number] : "" }
        if let operation = try? RegistryOperation(HTTPMethod(rawValue: line(0)), line(1), Self.limits) {
            switch operation.need {
            case .pull(let name), .push(let name):
                for part in name.text.split(separator: "/", omittingEmptySubsequences: false) {
                    precondition(!part.isEmpty && part != "." && part != "..")
                }
            case .nothing, .presence: break
            }
        }
        if case .secret(let secret) = PresentedCredential(line(2)) { precondition(line(2).utf8.count > secret.text.utf8.count) }
        if let host = AuthorityHost.read(line(3)) {
            precondition(host.utf8.allSatisfy { (33...126).contains($0) && $0 != 34 && $0 != 92 && $0 != 47 })
        }
        for size in [0, 1, 1_000, .max] {
            guard case .part(let range) = ByteRange.answer(line(4), size: size) else { continue }
            precondition(!range.isEmpty && range.lowerBound >= 0 && range.upperBound <= size)
        }
        if let chunk = ByteRange.chunk(line(5)) { precondition(!chunk.isEmpty && chunk.lowerBound >= 0) }
        _ = RepositoryPattern(text: line(1))
        _ = TagPolicy.isVersion(Substring(line(1)))
    }

    func readPushedManifest(_ bytes: [UInt8]) {
        let types = (MediaType.manifests.union(MediaType.indexes)).sorted()
        guard let first = bytes.first else { return }
        let body = Array(bytes.dropFirst())
        guard let document = try? ManifestDocument(body, mediaType: types[Int(first) % types.count]) else { return }
        precondition(document.bytes == body && document.descriptor.size == body.count)
        precondition(document.isIndex ? document.blobs.isEmpty : document.manifests.isEmpty && !document.blobs.isEmpty)
        for descriptor in document.blobs + document.manifests { precondition(descriptor.size >= 0) }
    }
}
