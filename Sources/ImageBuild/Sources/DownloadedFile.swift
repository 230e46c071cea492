import ImageStore
import IngotModel
import Synchronization
import SystemPackage

/// A file that ADD downloads, known by its content. It is unpacked only when that is asked for.
final class DownloadedFile: CopySource {
    private let address: DownloadAddress
    private let copy: ExpandedCopy
    private let downloads: Downloads
    private let spool: FilePath
    private let location: SourceLocation
    private let content = Mutex<FileContent?>(nil)

    init(_ address: DownloadAddress, _ copy: ExpandedCopy, downloads: Downloads, spool: FilePath, location: SourceLocation) {
        self.address = address
        self.copy = copy
        self.downloads = downloads
        self.spool = spool
        self.location = location
    }

    func append(to key: inout CacheKey.Builder) async throws {
        let download: Downloads.Download
        do {
            download = try await downloads.fetch(address, checksum: copy.checksum)
        } catch let error as BuildError where error.diagnostics.isEmpty {
            throw BuildError(String(error.code.dropFirst("build.".count)), at: location, error.message, hint: error.remedy, cause: error.cause)
        }
        content.withLock { $0 = download.content }
        key.append(["download", address.fileName, download.digest.hex])
    }

    func items() throws -> [CopyItem] {
        guard let content = content.withLock({ $0 }) else { return [] }
        if copy.unpacks == true, try Archive.isArchive(content, spool: spool) { return [.archive(content)] }
        return [.file(name: address.fileName, .regular(content, FileMetadata(mode: 0o600)))]
    }
}
