import CNFTables
import Dispatch
import Engine

/// Carries out nftables commands, one transaction at a time and never on a thread that Swift's tasks run on.
///
/// libnftables' context is not safe to be used by two threads; here only `queue` touches it.
final class NetfilterSession: @unchecked Sendable {
    private let queue = DispatchQueue(label: "ingot.netfilter", qos: .userInteractive)
    private let context: OpaquePointer

    /// - Throws: when libnftables gets no netlink socket.
    init() throws(EngineError) {
        guard let context = nft_ctx_new(UInt32(NFT_CTX_DEFAULT)) else { throw .netfilter("libnftables could not be opened") }
        nft_ctx_buffer_error(context)
        nft_ctx_buffer_output(context)
        self.context = context
    }

    deinit { nft_ctx_free(context) }

    /// Carries out all of the commands or none of them.
    func run(_ commands: String) async throws(EngineError) {
        let failure: String? = await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: self.transact(commands)) }
        }
        if let failure { throw .netfilter(failure) }
    }

    /// The same for callers that are not in a task, at the beginning and the end of an engine's life.
    func runAndWait(_ commands: String) throws(EngineError) {
        if let failure = queue.sync(execute: { transact(commands) }) { throw .netfilter(failure) }
    }

    private func transact(_ commands: String) -> String? {
        guard nft_run_cmd_from_buffer(context, commands) != 0 else { return nil }
        let text = nft_ctx_get_error_buffer(context).map { String(cString: $0) } ?? ""
        return text.isEmpty ? "nftables gave no reason" : String(text.prefix(1_000))
    }
}
