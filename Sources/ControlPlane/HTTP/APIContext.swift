import API
import Hummingbird
import IngotModel
import NIOCore

/// What a handler knows of a request besides its bytes.
struct APIContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel
    /// Who asks; set before anything else looks at the request.
    var caller: Caller?

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }

    var maxUploadSize: Int { Limits.requestBody.bytes }

    /// - Throws: when nobody has found out who asks. No route is reached then; this holds it so.
    func knownCaller() throws -> Caller {
        guard let caller else { throw ControlError.notAuthenticated }
        return caller
    }

    /// Who asks, as it stands in events: `user:root`. Nobody can pretend to be somebody else.
    var actor: String { caller?.actor.text ?? "user:unknown" }
}
