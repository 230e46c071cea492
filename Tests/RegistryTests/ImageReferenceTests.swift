import IngotModel
import Testing

@testable import Registry

@Suite("The name of an image in a registry")
struct ImageReferenceTests {
    private static let hex = String(repeating: "a", count: 64)

    @Test(
        "means what it means to Docker",
        arguments: [
            ("debian", "docker.io/library/debian:latest"), ("debian:12", "docker.io/library/debian:12"), ("me/app", "docker.io/me/app:latest"),
            ("docker.io/debian", "docker.io/library/debian:latest"), ("index.docker.io/me/app:1", "docker.io/me/app:1"),
            ("localhost/app", "localhost/app:latest"), ("localhost:5000/app:1", "localhost:5000/app:1"),
            ("Registry.Example/team/app", "registry.example/team/app:latest"), ("127.0.0.1:5000/a/b/c:X-1", "127.0.0.1:5000/a/b/c:X-1"),
            ("[::1]:5000/app", "[::1]:5000/app:latest"), ("r.example/app@sha256:\(hex)", "r.example/app@sha256:\(hex)"),
            ("r.example/app:1@sha256:\(hex)", "r.example/app:1@sha256:\(hex)"),
        ])
    func meaning(text: String, expected: String) throws {
        let reference = try ImageReference(text)
        #expect("\(reference)" == expected)
        #expect(try ImageReference(expected) == reference)
    }

    @Test(
        "that is none is refused",
        arguments: [
            "", "..", "a/../b", "r.example/../etc", "r.example/a/..:1", "/app", "app/", "r.example//app", "App", "app:", "app:-1", "app@sha256:1",
            "app@sha512:\(hex)\(hex)", "r.example:x/app", "r.example:99999/app", "r.example:0/app", "a b", "app\n", "http://r.example/app",
            "r_.x/app",
            "user@r.example/app", "ingot.local/app", "a/" + String(repeating: "b", count: 260), "[::1/app", "[x]:1/app", "r.example/%2e%2e/app",
            "a?b", "a#b",
        ])
    func refusal(text: String) {
        let error = #expect(throws: RegistryError.self, "\(text)") { try ImageReference(text) }
        #expect(error?.reason == .referenceInvalid)
        #expect(error?.fault == .user)
    }
}
