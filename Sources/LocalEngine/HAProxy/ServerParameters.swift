import Engine
import IngotModel

/// The words after a server's address: the same in the configuration file and for `add server`, so that a server
/// that came up from the file is no other than one that was added at run time.
enum ServerParameters {
    /// `observe layer4` takes a dead instance out at its first failed connection, in ms and not at its third failed check.
    ///
    /// `pool-max-conn -1`, no limit, is HAProxy's default only for servers of its file: it never uses a connection to a server that was added at run
    /// time a second time without it, at half of the requests a second. `pool-purge-delay` closes idle ones before services do.
    ///
    /// HAProxy knows one interval for a server that changes (`fastinter`), one for a server that is down (`downinter`) and one for a
    /// server that is up (`inter`). The first two are the readiness check's interval at the start, so a start waits for no timer.
    static func text(of server: RouteServer) -> String {
        let readiness = server.readiness
        let start = max(1, readiness.startInterval.count)
        return "check inter \(max(1, readiness.interval.count)) fastinter \(start) downinter \(start)"
            + " rise \(max(1, readiness.rise)) fall \(max(1, readiness.fall))"
            + " observe layer4 error-limit 1 on-error mark-down pool-max-conn -1 pool-purge-delay 1s"
    }

    static func address(of endpoint: Endpoint) -> String {
        // `ipv6@` keeps an address with colons apart from its port.
        endpoint.address.contains(":") ? "ipv6@[\(endpoint.address)]:\(endpoint.port)" : "\(endpoint.address):\(endpoint.port)"
    }
}
