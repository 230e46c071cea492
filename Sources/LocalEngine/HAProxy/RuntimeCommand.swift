import Engine
import IngotModel

/// One command of HAProxy's Runtime API.
///
/// Source: HAProxy 2.6 Management Guide, 9.3 "Unix Socket commands".
enum RuntimeCommand: Hashable, Sendable, CustomStringConvertible {
    /// Adds a server, in maintenance, with a weight of 0 and its checks off. (With `enabled` HAProxy 2.6 never gives it a request.)
    case addServer(Backend, RouteServer)
    case setAddress(Backend, ServerName, Endpoint)
    case setWeight(Backend, ServerName, Int)
    case setReady(Backend, ServerName)
    case setDrain(Backend, ServerName)
    case setMaintenance(Backend, ServerName)
    /// Makes a server be down until its checks say otherwise.
    case setHealthDown(Backend, ServerName)
    case enableChecks(Backend, ServerName)
    case shutDownSessions(Backend, ServerName)
    case deleteServer(Backend, ServerName)
    case addToMap(String, key: String, value: String)
    case setInMap(String, key: String, value: String)
    case deleteFromMap(String, key: String)
    case showServersState(Backend)
    case showStatistics(Backend)
    case showMap(String)
    case showInformation
    /// Streams by server.
    case showStreams
    /// Everything in flight, one line each.
    case showSessions
    case showSession(String)
    case shutDownSession(String)

    var description: String {
        switch self {
        case .addServer(let backend, let server):
            "add server \(backend)/\(server.name) \(ServerParameters.address(of: server.endpoint)) \(ServerParameters.text(of: server)) weight 0"
        case .setAddress(let backend, let name, let endpoint):
            "set server \(backend)/\(name) addr \(endpoint.address) port \(endpoint.port)"
        case .setWeight(let backend, let name, let weight): "set server \(backend)/\(name) weight \(weight)"
        case .setReady(let backend, let name): "set server \(backend)/\(name) state ready"
        case .setDrain(let backend, let name): "set server \(backend)/\(name) state drain"
        case .setMaintenance(let backend, let name): "set server \(backend)/\(name) state maint"
        case .setHealthDown(let backend, let name): "set server \(backend)/\(name) health down"
        case .enableChecks(let backend, let name): "enable health \(backend)/\(name)"
        case .shutDownSessions(let backend, let name): "shutdown sessions server \(backend)/\(name)"
        case .deleteServer(let backend, let name): "del server \(backend)/\(name)"
        case .addToMap(let map, let key, let value): "add map \(map) \(Self.escaped(key)) \(Self.escaped(value))"
        case .setInMap(let map, let key, let value): "set map \(map) \(Self.escaped(key)) \(Self.escaped(value))"
        case .deleteFromMap(let map, let key): "del map \(map) \(Self.escaped(key))"
        case .showServersState(let backend): "show servers state \(backend)"
        case .showStatistics(let backend): "show stat \(backend) 4 -1"
        case .showMap(let map): "show map \(map)"
        case .showInformation: "show info"
        case .showStreams: "show table \(ConfigurationFile.streamTable)"
        case .showSessions: "show sess"
        case .showSession(let id): "show sess \(id)"
        case .shutDownSession(let id): "shutdown session \(id)"
        }
    }

    /// A semicolon would end the command, a space the word; a backslash takes the meaning from both, and from itself.
    private static func escaped(_ word: String) -> String {
        word.reduce(into: "") { escaped, character in
            if character == "\\" || character == ";" || character == " " { escaped.append("\\") }
            escaped.append(character)
        }
    }

    /// The map that it changes.
    var map: String? {
        switch self {
        case .addToMap(let map, _, _), .setInMap(let map, _, _), .deleteFromMap(let map, _): map
        default: nil
        }
    }

    /// Why an answer means that the command was not carried out; `nil` when it was.
    ///
    /// The Runtime API has no codes: a command that changes something succeeds with an empty answer, or with one of these.
    func refusal(in answer: String) -> String? {
        let answer = answer.trimmed
        switch self {
        case .showServersState, .showStatistics, .showMap, .showInformation, .showStreams, .showSessions, .showSession: return nil
        // One that has ended meanwhile needs no closing.
        case .shutDownSession: return answer.isEmpty || answer.hasPrefix("No such session") ? nil : answer
        case .addServer: return answer.hasPrefix("New server registered") ? nil : answer
        case .deleteServer: return answer.hasPrefix("Server deleted") ? nil : answer
        case .setAddress: return answer.contains("changed") || answer.contains("no need to change") ? nil : answer
        // What is not in a map can't be deleted from it, and need not be.
        case .deleteFromMap: return answer.isEmpty || answer.contains("not found") ? nil : answer
        default: return answer.isEmpty ? nil : answer
        }
    }
}

extension StringProtocol {
    /// Without spaces and line ends at its ends.
    var trimmed: String {
        let isSpace = { (character: Character) in character.isWhitespace || character.isNewline }
        guard let first = firstIndex(where: { !isSpace($0) }), let last = lastIndex(where: { !isSpace($0) }) else { return "" }
        return String(self[first...last])
    }
}
