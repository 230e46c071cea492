import Testing

@testable import ImageBuild

@Suite("A cache key")
struct CacheKeyTests {
    private func key(_ parts: [String]) -> CacheKey {
        var builder = CacheKey.Builder("test")
        for part in parts { builder.append(part) }
        return builder.finish()
    }

    @Test("keeps its parts apart")
    func framing() {
        #expect(key(["ab", "c"]) != key(["a", "bc"]))
        #expect(key(["", "a"]) != key(["a", ""]))
        #expect(key(["a"]) != key(["a", ""]))
        #expect(key(["a"]) == key(["a"]))
    }

    @Test("does not depend on the order of names, and keeps lists apart from what follows")
    func collections() {
        func key(_ values: [String: String], _ list: [String]) -> CacheKey {
            var builder = CacheKey.Builder("test")
            builder.append(values)
            builder.append(list)
            return builder.finish()
        }
        #expect(key(["a": "1", "b": "2"], []) == key(["b": "2", "a": "1"], []))
        #expect(key(["a": "b"], []) != key([:], ["a", "b"]))
    }
}
