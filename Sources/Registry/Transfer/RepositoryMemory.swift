internal import FoundationEssentials
internal import Glibc
internal import ImageStore
internal import IngotModel
internal import SystemPackage

/// Which repository of a registry a blob was last seen in, so that another one can be asked to take it from there.
///
/// It is a hint and nothing more: one that is wrong costs a question, one that is lost an upload.
///
///     FOLDER/<host>.json      {"<hex of the blob>": "<repository>"}
struct RepositoryMemory: Sendable {
    static let most = 20_000
    private static let largest = 8 << 20

    private let file: FilePath

    /// - Parameter folder: made when it is missing.
    init(folder: FilePath, host: String) {
        let name = host.replacing("%", with: "%25").replacing("/", with: "%2F")
        file = folder.appending("\(name).json")
    }

    func sources(of blobs: [Digest]) -> [Digest: String] {
        let known = read()
        var sources: [Digest: String] = [:]
        // What stands there goes into an address.
        for blob in blobs { if let source = known[blob.hex], ImageName(source)?.path == source { sources[blob] = source } }
        return sources
    }

    func add(_ blobs: [Digest], of repository: String) {
        var known = read()
        guard blobs.contains(where: { known[$0.hex] != repository }) else { return }
        // Which go does not matter, as long as it stays small.
        if known.count + blobs.count > Self.most { known = [:] }
        for blob in blobs { known[blob.hex] = repository }
        write(known)
    }

    private func read() -> [String: String] {
        guard let bytes = try? SmallFile.read(file, limit: Self.largest) else { return [:] }
        return (try? JSONDecoder().decode([String: String].self, from: Data(bytes))) ?? [:]
    }

    private func write(_ known: [String: String]) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(known) else { return }
        mkdir(file.removingLastComponent().string, 0o700)
        let temporary = FilePath("\(file).\(getpid())-\(UInt32.random(in: 0 ... .max))")
        do {
            let open = try FileDescriptor.open(
                temporary, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec], permissions: .ownerReadWrite)
            try open.closeAfter { _ = try open.writeAll(data) }
            rename(temporary.string, file.string)
        } catch {
            unlink(temporary.string)
        }
    }
}

extension RegistryClient {
    func memory(_ host: String) -> RepositoryMemory? { options.memoryFolder.map { RepositoryMemory(folder: $0, host: host) } }
}
