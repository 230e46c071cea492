internal import ImageStore
internal import IngotModel
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// What every request is answered with: who asks, what he may, and then one of the `answers`.
struct RegistryDesk: Sendable {
    /// What a client names that wants a token: the same for every registry of this kind.
    static let service = "ingot"

    let store: ImageStore
    let tokens: RegistryTokens
    let rule: TagRule
    let limits: ServerLimits
    /// Whether anybody may pull.
    let isOpen: Bool
    let isEncrypted: Bool
    /// Where clients reach the registry, when that is not what they call it.
    let publicAddress: String?
    let sessions: UploadSessions
    let pool: NIOThreadPool
    let now: @Sendable () -> Timestamp
    let logger: Logger
    let reaches = ReachMemory()

    /// Throws only when the connection has ended.
    func answer(_ head: HTTPRequestHead, _ body: RequestBody) async throws -> Answer {
        do {
            let operation = try RegistryOperation(head.method, head.uri, limits)
            let access = try await admit(operation, head)
            return try await perform(operation, Request(head: head, body: body, access: access))
        } catch let error as ChannelError {
            throw error
        } catch let error as CancellationError {
            throw error
        } catch {
            let problem = RegistryProblem(error)
            if problem.status.code >= 500 {
                logger.error("the registry could not answer", metadata: ["request": "\(head.method) \(head.uri.prefix(300))", "error": "\(error)"])
            }
            return Answer(problem)
        }
    }

    /// One request with who sent it.
    struct Request {
        let head: HTTPRequestHead
        let body: RequestBody
        let access: Access

        /// What the header says of the body's length.
        var length: Int? { head.headers.first(name: "content-length").flatMap { Int($0) } }
    }

    private func perform(_ operation: RegistryOperation, _ request: Request) async throws -> Answer {
        switch operation {
        case .support: Answer(.ok, [], .bytes(Array("{}".utf8), type: "application/json"))
        case .token(let service): try token(for: service, request)
        case .catalog(let page): try await catalog(page, request.access)
        case .tags(let name, let page): try await tags(name, page)
        case .referrers(let name, let subject, let types, let page): try await referrers(name, subject, types, page)
        case .readBlob(let name, let digest): try await readBlob(name, digest, request)
        case .deleteBlob(let name, let digest): try await deleteBlob(name, digest)
        case .beginUpload(let name, let beginning): try await begin(name, beginning, request)
        case .upload(let name, let id, let step): try await upload(name, id, step, request)
        case .readManifest(let name, let reference): try await readManifest(name, reference)
        case .putManifest(let name, let reference): try await putManifest(name, reference, request)
        case .deleteManifest(let name, let reference): try await deleteManifest(name, reference)
        }
    }

    /// Runs what waits for the disk on a thread of its own.
    func onDisk<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result { try await pool.runIfActive(body) }
}
