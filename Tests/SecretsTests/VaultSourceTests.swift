import IngotModel
import Manifest
import Synchronization
import Testing

@testable import Secrets

@Suite("Logins to Vault", .timeLimit(.minutes(2)))
struct VaultSourceTests {
    /// A server that knows one role, whose logins wait until they are let through.
    private final class Server: Sendable {
        private struct State {
            var logins = 0
            var questions = 0
            var refusedTokens: Set<String> = []
            var loginStatus = 200
        }
        private let state = Mutex(State())
        private let gate: AsyncStream<Void>
        private let opening: AsyncStream<Void>.Continuation

        init(isOpen: Bool = true) {
            (gate, opening) = AsyncStream.makeStream()
            if isOpen { open() }
        }

        var logins: Int { state.withLock { $0.logins } }
        var questions: Int { state.withLock { $0.questions } }
        func open() { opening.finish() }
        func refuse(_ token: String) { state.withLock { _ = $0.refusedTokens.insert(token) } }
        func answerLogins(_ status: Int) { state.withLock { $0.loginStatus = status } }

        func answer(_ request: SourceRequest) async throws -> SourceRequest.Answer {
            guard request.address.hasSuffix("/login") else {
                let token = request.headers.first { $0.name == "X-Vault-Token" }?.value ?? ""
                let isRefused = state.withLock { state in
                    state.questions += 1
                    return state.refusedTokens.contains(token)
                }
                return .init(status: isRefused ? 403 : 200, body: Array(#"{"data":{"data":{"password":"one"}}}"#.utf8))
            }
            let (number, status) = state.withLock { state in
                state.logins += 1
                return (state.logins, state.loginStatus)
            }
            for await _ in gate {}
            try Task.checkCancellation()
            return .init(status: status, body: Array(#"{"auth":{"client_token":"t\#(number)","lease_duration":3600}}"#.utf8))
        }
    }

    private func source(_ server: Server) throws -> VaultSource {
        let text = "sources: { vault: { kind: vault, address: 'http://127.0.0.1:1', approle: { role-id-file: /role, secret-id-file: /secret } } }"
        guard case .vault(let settings) = try #require(SecretSourcesDefinition.parse(text).value?["vault"]).kind else { throw CancellationError() }
        return VaultSource(settings, name: "vault", files: CredentialFiles { path, _ in Array(path.utf8) }) { try await server.answer($0) }
    }

    private func ask(_ source: VaultSource, times: Int) async -> [Bool] {
        await withTaskGroup(of: Bool.self) { group in
            for number in 0..<times { group.addTask { (try? await source.document(mount: "secret", path: "\(number)")) != nil } }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    private func loggedIn(_ server: Server) async {
        while server.logins == 0 { await Task.yield() }
    }

    @Test("questions at once log in once, and the token is kept")
    func once() async throws {
        let server = Server(isOpen: false)
        let source = try source(server)
        async let answers = ask(source, times: 8)
        await loggedIn(server)
        // Whoever would log in of its own accord has had the time for it.
        for _ in 0..<1_000 { await Task.yield() }
        server.open()
        #expect(await answers == Array(repeating: true, count: 8))
        #expect(server.logins == 1 && server.questions == 8)
        #expect(await ask(source, times: 8).allSatisfy { $0 })
        #expect(server.logins == 1)
    }

    @Test("a token that was taken back is replaced once, however many were refused with it")
    func takenBack() async throws {
        let server = Server()
        let source = try source(server)
        #expect(await ask(source, times: 1) == [true])
        server.refuse("t1")
        #expect(await ask(source, times: 8) == Array(repeating: true, count: 8))
        #expect(server.logins == 2)
    }

    @Test("who gives up waiting for a login does not end it for the others")
    func cancelled() async throws {
        let server = Server(isOpen: false)
        let source = try source(server)
        let first = Task { try await source.document(mount: "secret", path: "first") }
        await loggedIn(server)
        async let answers = ask(source, times: 3)
        first.cancel()
        server.open()
        #expect(await answers == [true, true, true])
        _ = await first.result
        #expect(server.logins == 1)
    }

    @Test("a login that failed is not kept: the next question tries again")
    func failed() async throws {
        let server = Server()
        let source = try source(server)
        server.answerLogins(400)
        let error = await #expect(throws: SecretError.self) { try await source.document(mount: "secret", path: "shop") }
        #expect(error?.kind == .denied)
        server.answerLogins(200)
        #expect(await ask(source, times: 2) == [true, true])
        #expect(server.logins == 2)
    }
}
