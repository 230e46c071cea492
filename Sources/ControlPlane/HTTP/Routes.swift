import HTTPTypes
import Hummingbird
import IngotModel

/// One route, with what it takes to ask it.
struct Route: Sendable {
    typealias Handler = @Sendable (Request, APIContext) async throws -> Response

    /// On what the permission is needed.
    enum Reach: Sendable {
        /// On the environment that the path names, else on its service, else on everything.
        case path
        /// On anything: the handler asks for the rest, or leaves out what the asker may not read.
        case anything
    }

    var method: HTTPRequest.Method
    var path: String
    var permission: Permission
    var reach: Reach
    var handler: Handler
}

/// The routes below a path. A route that does not say what it takes to ask it does not build.
struct Routes {
    private let path: String
    private let table: RouteTable

    init(_ path: String = "", in table: RouteTable) {
        self.path = path
        self.table = table
    }

    func group(_ path: String) -> Routes { Routes("\(self.path)/\(path)", in: table) }

    func get(_ path: String = "", _ permission: Permission, on reach: Route.Reach = .path, use handler: @escaping Route.Handler) {
        add(.get, path, permission, reach, handler)
    }
    func put(_ path: String = "", _ permission: Permission, on reach: Route.Reach = .path, use handler: @escaping Route.Handler) {
        add(.put, path, permission, reach, handler)
    }
    func post(_ path: String = "", _ permission: Permission, on reach: Route.Reach = .path, use handler: @escaping Route.Handler) {
        add(.post, path, permission, reach, handler)
    }
    func delete(_ path: String = "", _ permission: Permission, on reach: Route.Reach = .path, use handler: @escaping Route.Handler) {
        add(.delete, path, permission, reach, handler)
    }

    private func add(_ method: HTTPRequest.Method, _ path: String, _ permission: Permission, _ reach: Route.Reach, _ handler: @escaping Route.Handler)
    {
        let path = path.isEmpty ? self.path : "\(self.path)/\(path)"
        table.routes.append(Route(method: method, path: path, permission: permission, reach: reach, handler: handler))
    }
}

/// All routes, while they are gathered.
final class RouteTable {
    fileprivate(set) var routes: [Route] = []
}

extension Route {
    /// What a request is about, by its path.
    static func scope(of context: APIContext) throws -> AccessScope {
        guard context.parameters.get("service") != nil else { return .everything }
        guard context.parameters.get("environment") != nil else { return .service(try Questions.parameter("service", ServiceName.self, context)) }
        return .environment(try Questions.environment(context))
    }

    /// Asks the handler, once the asker may do what it does.
    func answer(_ request: Request, _ context: APIContext, _ access: AccessControl) async throws -> Response {
        let caller = try context.knownCaller()
        switch reach {
        case .path: try await access.require(permission, in: try Self.scope(of: context), of: caller)
        case .anything: try await access.requireSomewhere(permission, of: caller)
        }
        return try await handler(request, context)
    }
}
