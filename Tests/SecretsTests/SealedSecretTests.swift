import IngotModel
import Testing

@testable import Secrets

let production = EnvironmentID(service: ServiceName(uncheckedName: "shop"), environment: EnvironmentName(uncheckedName: "production"))
let staging = EnvironmentID(service: ServiceName(uncheckedName: "shop"), environment: EnvironmentName(uncheckedName: "staging"))

@Suite("Values that are encrypted at rest")
struct SealedSecretTests {
    private let master = [UInt8](repeating: 7, count: 32)
    private var key: SealingKey { SealingKey(master: master, environment: production) }

    @Test("what was sealed is opened, whatever its length", arguments: [1, 2, 63, 64, 65, 4_096, SealingPublicKey.largestValue])
    func roundTrip(length: Int) throws {
        let value = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let text = try #require(SealingPublicKey(text: key.publicKey.text)).seal(SecretValue(value), for: production, name: "PASSWORD")
        #expect(try key.open(text, name: "PASSWORD").withBytes { $0 } == value)
    }

    @Test("the same value is never sealed alike, and its length shows only roughly")
    func hidden() throws {
        let boxes = try [1, 2, 20].map { try key.publicKey.seal(SecretValue([UInt8](repeating: 1, count: $0)), for: production, name: "PASSWORD") }
        #expect(Set(boxes).count == 3 && Set(boxes.map(\.count)).count == 1)
        #expect(try key.publicKey.seal(SecretValue([1]), for: production, name: "PASSWORD") != boxes[0])
    }

    @Test("a value is good for its environment, its name and its daemon only")
    func bound() throws {
        let text = try key.publicKey.seal(SecretValue([1, 2, 3]), for: production, name: "PASSWORD")
        func refused(_ key: SealingKey, _ text: String, _ name: String) -> SecretError.Kind? {
            do { _ = try key.open(text, name: name); return nil } catch { return error.kind }
        }
        #expect(refused(key, text, "TOKEN") == .notOpened)
        #expect(refused(SealingKey(master: master, environment: staging), text, "PASSWORD") == .notOpened)
        #expect(refused(SealingKey(master: [UInt8](repeating: 8, count: 32), environment: production), text, "PASSWORD") == .notOpened)
        // Sealed by the right key for another environment, as by somebody who has both keys.
        let moved = try key.publicKey.seal(SecretValue([1]), for: staging, name: "PASSWORD")
        #expect(refused(key, moved, "PASSWORD") == .notOpened)
        for other in ["", "AAAA", "not base64", text + "A", String(text.dropLast(4)), String(text.dropFirst(4))] {
            #expect(refused(key, other, "PASSWORD") == .notOpened, "\(other.count)")
        }
        var bytes = try #require(Base64.decode(text))
        for index in stride(from: 0, to: bytes.count, by: 7) {
            bytes[index] ^= 1
            #expect(refused(key, Base64.encode(bytes), "PASSWORD") == .notOpened)
            bytes[index] ^= 1
        }
    }

    @Test("nothing empty and nothing too large is sealed, and only for a key")
    func refusals() {
        #expect(throws: SecretError.self) { try key.publicKey.seal(SecretValue([]), for: production, name: "A") }
        let large = SecretValue([UInt8](repeating: 1, count: SealingPublicKey.largestValue + 1))
        #expect(throws: SecretError.self) { try key.publicKey.seal(large, for: production, name: "A") }
        #expect(SealingPublicKey(text: "AAAA") == nil && SealingPublicKey(text: key.publicKey.text + " ") == nil)
        // A point of low order gives everybody the same key.
        #expect(throws: SecretError.self) {
            try #require(SealingPublicKey(text: Base64.encode([UInt8](repeating: 0, count: 32)))).seal(SecretValue([1]), for: production, name: "A")
        }
    }

    @Test("a value is not shown by any way of printing it")
    func printing() {
        let value = SecretValue(Array("hunter2".utf8))
        var dumped = ""
        dump(value, to: &dumped)
        for text in ["\(value)", String(reflecting: value), String(describing: Optional(value)), "\([value])", dumped] {
            #expect(!text.contains("hunter2") && !text.contains("104"), "\(text)")
        }
    }
}
