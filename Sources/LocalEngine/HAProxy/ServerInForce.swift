import Engine
import IngotModel

/// A server as HAProxy has it, from `show servers state`.
///
/// Source: HAProxy 2.6 Management Guide, 9.3 "show servers state", format version 1. The bits are those of
/// `SRV_ADMF_*` in `include/haproxy/server-t.h` and `CHK_ST_*` in `check-t.h`.
struct ServerInForce: Hashable, Sendable {
    enum Administration: Hashable, Sendable { case ready, draining, maintenance }

    var backend: Backend
    var name: ServerName
    var endpoint: Endpoint
    var weight: Int
    var administration: Administration
    /// Whether its checks, or what is assumed before the first, say that it can take requests.
    var isRunning: Bool
    var isChecked: Bool
    /// Whether a check of it has begun since HAProxy knows it.
    var hasBegunChecks = true

    /// Whether a new request can be handed to it.
    var takesTraffic: Bool { administration == .ready && weight > 0 }

    /// `HCHK_STATUS_INI`: no check has had a result. Only `HCHK_STATUS_UNKNOWN` is below it.
    private static let initialCheckStatus = 1

    static func parse(_ text: String) -> [ServerInForce] {
        text.split(separator: "\n").compactMap { parse(line: $0) }
    }

    private static func parse(line: Substring) -> ServerInForce? {
        let fields = line.split(separator: " ")
        guard fields.count >= 19, let backend = Backend(fields[1]), let name = ServerName(fields[3]), let operation = Int(fields[5]),
            let flags = Int(fields[6]), let weight = Int(fields[7]), let result = Int(fields[10]),
            let check = Int(fields[13]), let port = Int(fields[18])
        else { return nil }
        let maintenance = flags & 0x23 != 0  // forced, inherited, by configuration… any of the maintenance bits
        let draining = flags & 0x18 != 0
        return ServerInForce(
            backend: backend, name: name, endpoint: Endpoint(address: String(fields[4]), port: port), weight: weight,
            administration: maintenance ? .maintenance : draining ? .draining : .ready, isRunning: operation == 2 || operation == 1,
            isChecked: check & 0x04 != 0, hasBegunChecks: check & 0x01 != 0 || result > Self.initialCheckStatus)
    }
}
