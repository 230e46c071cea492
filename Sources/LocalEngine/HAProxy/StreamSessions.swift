import Engine
import IngotModel

/// A stream of HAProxy's in `show sess`: one request, or what it became.
///
/// Source: HAProxy 2.6 Management Guide, 9.3 "show sess".
struct SessionInForce: Hashable, Sendable {
    /// As `shutdown session` takes it.
    var id: String
    var server: ServerName
    /// To the second below a minute, to the minute below an hour, to the hour after.
    var ageSeconds: Int

    /// Those that were handed to a server.
    static func parse(_ text: String) -> [SessionInForce] {
        text.split(separator: "\n").compactMap { line in
            guard let colon = line.firstIndex(of: ":"), line.hasPrefix("0x"), let server = line.word("srv=").flatMap({ ServerName($0) }),
                let age = line.word("age=").flatMap(seconds)
            else { return nil }
            return SessionInForce(id: String(line[..<colon]), server: server, ageSeconds: age)
        }
    }

    /// `1h3m`, `2m5s`, `7s`.
    private static func seconds(_ text: Substring) -> Int? {
        var total = 0
        var number = 0
        for character in text {
            switch character {
            case "0"..."9": number = number * 10 + (character.wholeNumberValue ?? 0)
            case "d": (total, number) = (total + number * 86_400, 0)
            case "h": (total, number) = (total + number * 3_600, 0)
            case "m": (total, number) = (total + number * 60, 0)
            case "s": (total, number) = (total + number, 0)
            default: return nil
            }
        }
        return total
    }
}

/// What `show sess ID` says of one.
struct SessionDetails: Hashable, Sendable {
    var id: String
    /// Grows with every request in the life of a process.
    var number: Int
    var server: ServerName
    /// Whether it is a stream in our sense, and not a request.
    var isStream: Bool

    /// The mark that the configuration gives to streams: `http-response set-nice`. It is all that HAProxy shows of one, and it does next to nothing.
    static let niceness = 1

    /// `nil` for one that is gone. Another may have its identifier by then, which is an address in memory; it has another server.
    init?(_ text: String, id: String) {
        let lines = text.split(separator: "\n")
        guard let head = lines.first(where: { $0.hasPrefix("\(id):") }), let number = head.word("id=").flatMap({ Int($0) }),
            let server = lines.lazy.compactMap({ $0.word("server=") }).first.flatMap({ ServerName($0) })
        else { return nil }
        self.id = id
        self.number = number
        self.server = server
        isStream = text.contains(" nice=\(Self.niceness) ")
    }
}

extension Substring {
    /// What follows a word such as `srv=`, up to the next space.
    fileprivate func word(_ name: String) -> Substring? {
        split(separator: " ").first { $0.hasPrefix(name) }?.dropFirst(name.count)
    }
}

/// Which streams of which servers are to be closed now.
struct StreamExcess: Hashable, Sendable {
    var servers: Set<ServerName>
    var count: Int

    static func of(_ environment: RoutedEnvironment, _ sight: RouteSight) -> [StreamExcess] {
        environment.route.streamLimits.compactMap { limit in
            let servers = sight.servers.map(\.name).filter { limit.isFor($0.instance, of: $0.release) }
            let excess = servers.reduce(0) { $0 + sight.streams($1) } - max(0, limit.most)
            return excess > 0 ? StreamExcess(servers: Set(servers), count: excess) : nil
        }
    }
}

/// How many streams each server has, from `show table streams`.
enum StreamTable {
    static func parse(_ text: String) -> [ServerName: Int] {
        let entries = text.split(separator: "\n").compactMap { line -> (ServerName, Int)? in
            guard let server = line.word("key=").flatMap({ ServerName($0) }), let count = line.word("conn_cur=").flatMap({ Int($0) }) else {
                return nil
            }
            return (server, count)
        }
        return Dictionary(entries, uniquingKeysWith: +)
    }
}
