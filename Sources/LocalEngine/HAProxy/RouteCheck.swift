import Engine
import IngotModel

/// What of a route could do harm in a configuration file or on a command line is refused before it gets there.
enum RouteCheck {
    static func validate(_ route: Route) throws {
        guard isHost(route.host) else {
            throw EngineError(
                code: "router.bad-host", message: "'\(route.host.prefix(80))' of \(route.environment) is not a host name",
                remedy: "use letters a to z, digits, '-' and '.', such as shop.example.com", fault: .user)
        }
        for server in route.servers where !isAddress(server.endpoint.address) || !(1...65_535).contains(server.endpoint.port) {
            throw EngineError(
                code: "router.bad-endpoint",
                message: "'\(server.endpoint)' of instance \(server.instance) of \(route.environment) is not an IP address and a port")
        }
        try checkMarks(of: route)
        try refuseMixedReadiness(in: route)
    }

    private static func checkMarks(of route: Route) throws {
        if let mark = route.testers?.mark, !isToken(mark.name) || !isMarkValue(mark.value) {
            throw EngineError(
                code: "router.bad-mark", message: "the mark of testers of \(route.environment) has a name or a value that can't stand in a request",
                remedy: "give it a name of letters, digits and '-', and a value of visible ASCII without quotes, commas, semicolons and backslashes, "
                    + "of at most \(RouterLimits.markBytes) bytes each",
                fault: .user)
        }
        if let cookie = route.sticky?.name, !isToken(cookie) {
            throw EngineError(
                code: "router.bad-mark", message: "the cookie by which visitors of \(route.environment) stay on a release can't have that name",
                remedy: "give it a name of letters, digits and '-'", fault: .user)
        }
    }

    /// RFC 9110, section 5.6.2, which is also RFC 6265's name of a cookie.
    private static func isToken(_ text: String) -> Bool {
        (1...RouterLimits.markBytes).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || "!#$%&'*+-.^_`|~".utf8.contains(byte)
            }
    }

    private static func isMarkValue(_ text: String) -> Bool {
        (1...RouterLimits.markBytes).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x21...0x7e).contains($0) && !"\"',;\\".utf8.contains($0) }
    }

    /// Two releases that share traffic must be checked in the same way, because HAProxy checks by backend.
    private static func refuseMixedReadiness(in route: Route) throws {
        let sharing = route.servers.filter { $0.state == .active && (route.split[$0.release] > .none || $0.release == route.testers?.release) }
        guard Set(sharing.map(\.check)).count > 1 else { return }
        throw EngineError(
            code: "router.mixed-readiness",
            message: "\(route.environment) can't share its traffic between a release with a readiness path and one without",
            remedy: "move the traffic at once, or keep the readiness path", fault: .user)
    }

    /// RFC 1123, section 2.1, in lower case; also underscores, which are seen in practice.
    private static func isHost(_ host: String) -> Bool {
        (1...253).contains(host.utf8.count)
            && host.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || "-._".utf8.contains(byte)
            }
    }

    private static func isAddress(_ address: String) -> Bool {
        !address.isEmpty && address.utf8.count <= 45
            && address.utf8.allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
                    || byte == UInt8(ascii: ".") || byte == UInt8(ascii: ":")
            }
    }
}
