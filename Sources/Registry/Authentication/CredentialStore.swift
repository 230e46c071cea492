internal import Glibc
internal import IngotModel
internal import SystemPackage

/// Finds the credentials of registries, each asked for once, when it is first needed.
actor CredentialStore {
    private let file: FilePath?
    private var configuration: DockerConfiguration?
    private var found: [String: Task<Credential?, any Error>] = [:]

    /// - Parameter file: Docker's `config.json`; that there is none is no error.
    init(file: FilePath?) { self.file = file }

    func credential(for host: String) async throws -> Credential? {
        if let task = found[host] { return try await task.value }
        let configuration = try read()
        let task = Task { try await Self.credential(for: host, configuration) }
        found[host] = task
        return try await task.value
    }

    private static func credential(for host: String, _ configuration: DockerConfiguration) async throws -> Credential? {
        if let helper = configuration.helper(for: host), let credential = try await CredentialHelper.get(helper.server, by: helper.name) {
            return credential
        }
        return configuration.entry(for: host)
    }

    private func read() throws -> DockerConfiguration {
        if let configuration { return configuration }
        let configuration = try file.flatMap { file in
            try SmallFile.read(file, limit: DockerConfiguration.largest.bytes).map { try DockerConfiguration($0, file: "\(file)") }
        }
        self.configuration = configuration ?? DockerConfiguration.none
        return configuration ?? DockerConfiguration.none
    }
}

/// Files of settings, read whole.
enum SmallFile {
    /// `nil` when there is none.
    static func read(_ path: FilePath, limit: Int) throws(RegistryError) -> [UInt8]? {
        do {
            let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking])
            defer { try? file.close() }
            var status = stat()
            guard fstat(file.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= limit else {
                throw RegistryError(.credentialsInvalid, "\(path) is no file of at most \(limit) bytes", fault: .user)
            }
            var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
            var done = 0
            while done < bytes.count {
                let count = try bytes.withUnsafeMutableBytes { try file.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[done...])) }
                guard count > 0 else { break }
                done += count
            }
            return Array(bytes.prefix(done))
        } catch let error as RegistryError {
            throw error
        } catch Errno.noSuchFileOrDirectory, Errno.notDirectory {
            return nil
        } catch {
            throw RegistryError(.credentialsInvalid, "\(path) cannot be read", remedy: "look who may read it", fault: .user, cause: error)
        }
    }
}
