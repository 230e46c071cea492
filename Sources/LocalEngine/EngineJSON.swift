import Engine
import FoundationEssentials
import IngotModel

/// The engine's state files are JSON with sorted keys.
enum EngineJSON {
    static func encode(_ value: some Encodable) throws(EngineError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do { return Array(try encoder.encode(value)) } catch { throw .stateBroken("\(type(of: value))", "\(error)") }
    }

    static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8], name: String) throws(EngineError) -> Value {
        do { return try JSONDecoder().decode(type, from: Data(bytes)) } catch { throw .stateBroken(name, "\(error)") }
    }
}
