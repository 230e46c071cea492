import FoundationEssentials
import Testing

@testable import Registry

@Suite("Docker's credentials")
struct CredentialTests {
    private func configuration(_ text: String) throws -> DockerConfiguration { try DockerConfiguration(Array(text.utf8), file: "config.json") }

    @Test(
        "are found under every spelling of a registry",
        arguments: [
            ("r.example", "r.example"), ("https://r.example", "r.example"), ("http://R.example/v2/", "r.example"),
            ("r.example:5000", "r.example:5000"),
            ("https://index.docker.io/v1/", "docker.io"), ("docker.io", "docker.io"), ("registry-1.docker.io", "docker.io"),
        ])
    func spellings(key: String, host: String) throws {
        let found = try configuration(#"{"auths":{"\#(key)":{"auth":"dXNlcjpwYTpzcw=="}},"HttpHeaders":{"x":"y"}}"#)
        #expect(found.entry(for: host) == .password(user: "user", "pa:ss"))
        #expect(found.entry(for: "other.example") == nil)
        #expect(found.entry(for: "r.example:5001") == nil)
    }

    @Test("are a password, an identity token or a registry token")
    func kinds() throws {
        let found = try configuration(
            """
            {"auths":{"a":{"identitytoken":"t"},"b":{"registrytoken":"r"},"c":{"username":"u","password":"p"},"d":{},"e":{"auth":"dTpwAAAA"}}}
            """)
        #expect(found.entry(for: "a") == .identityToken("t"))
        #expect(found.entry(for: "b") == .registryToken("r"))
        #expect(found.entry(for: "c") == .password(user: "u", "p"))
        #expect(found.entry(for: "d") == nil)
        #expect(found.entry(for: "e") == .password(user: "u", "p"))
    }

    @Test("are asked of the helper of the host, or of the one for all")
    func helpers() throws {
        let found = try configuration(#"{"credHelpers":{"gcr.io":"gcloud"},"credsStore":"pass","auths":{"gcr.io":{}}}"#)
        #expect(found.helper(for: "gcr.io")?.name == "gcloud")
        #expect(found.helper(for: "r.example")?.name == "pass")
        #expect(found.helper(for: "docker.io")?.server == "https://index.docker.io/v1/")
        #expect(try configuration("{}").helper(for: "gcr.io") == nil)
    }

    @Test(
        "that cannot be read are told without their content",
        arguments: [
            "", "[]", "{", #"{"auths":{"r":{"auth":"c2VjcmV0"}}}"#, #"{"auths":{"r":{"auth":"***"}}}"#, #"{"credsStore":"../../bin/sh"}"#,
            #"{"credHelpers":{"r":"a b"}}"#, #"{"credHelpers":{"r":""}}"#, #"{"auths":[1]}"#,
        ])
    func damaged(text: String) {
        let error = #expect(throws: RegistryError.self) { try configuration(text) }
        #expect(error?.reason == .credentialsInvalid)
        #expect(error.map { !"\($0)".contains("secret") } == true)
    }

    @Test("are read from what a helper prints")
    func answers() throws {
        let read = { (text: String, isSuccess: Bool) throws in try CredentialHelper.read(text, isSuccess: isSuccess, program: "p") }
        try #expect(read(#"{"ServerURL":"x","Username":"u","Secret":"p"}"#, true) == .password(user: "u", "p"))
        try #expect(read(#"{"Username":"<token>","Secret":"t"}"#, true) == .identityToken("t"))
        try #expect(read("credentials not found in native keychain\n", false) == nil)
        for (text, isSuccess) in [("no", false), ("{}", true)] {
            #expect(throws: RegistryError.self) { try CredentialHelper.read(text, isSuccess: isSuccess, program: "p") }
        }
    }

    @Test("do not show in what is printed, and cannot break a header")
    func secrets() {
        #expect(!"\(Credential.password(user: "u", "hidden"))".contains("hidden"))
        #expect(!String(reflecting: Credential.identityToken("hidden")).contains("hidden"))
        #expect(Credential.password(user: "u", "p").basic == "Basic dTpw")
        #expect(Credential.password(user: "u:v", "p").basic == nil)
        #expect(Credential.password(user: "u", "p\r\nx: y").basic == nil)
    }

    @Test(
        "go to a token server only where it is the registry's",
        arguments: [
            ("https://r.example/token", "r.example", true), ("https://r.example/token", "r.example:5000", true),
            ("https://auth.docker.io/token", "docker.io", true), ("https://gitlab.com/jwt/auth", "registry.gitlab.com", true),
            ("https://evil.example/token", "r.example", false), ("https://r.example:8443/token", "r.example", false),
            ("https://auth.docker.io/token", "r.example", false), ("https://auth.docker.io.evil.example/token", "docker.io", false),
            ("http://127.0.0.1:5000/token", "127.0.0.1:5000", true), ("http://127.0.0.1:5001/token", "127.0.0.1:5000", false),
            ("https://127.0.0.1/token", "127.0.0.1:5000", false), ("https://sub.r.example/token", "r.example", false),
        ])
    func realms(realm: String, host: String, isTrusted: Bool) throws {
        let endpoint = try Endpoint(host: host, insecureHosts: [])
        let origin = try #require(URL(string: realm).flatMap(Origin.init))
        #expect(RealmPolicy.mayReceiveCredentials(origin, of: endpoint) == isTrusted)
    }
}

@Suite("An address")
struct OriginTests {
    @Test(
        "of this machine is one that nobody else can have",
        arguments: [
            ("localhost", true), ("127.0.0.1", true), ("127.255.0.3", true), ("::1", true), ("localhost.evil.example", false),
            ("127.evil.example", false),
            ("127.0.0.1.evil.example", false), ("10.0.0.1", false), ("127.0.0.256", false), ("127.0.0", false), ("", false), ("127.0.0.+1", false),
        ])
    func loopback(host: String, isLoopback: Bool) { #expect(Loopback.isHost(host) == isLoopback) }

    @Test(
        "that is not of HTTP, or has credentials in it, is none",
        arguments: ["ftp://a", "file:///etc/passwd", "https://u:p@a", "http://u@a", "a", "//a"])
    func refused(text: String) { #expect(URL(string: text).flatMap(Origin.init) == nil) }

    @Test("is plain only where that is allowed")
    func plain() throws {
        #expect(try Endpoint(host: "localhost:5000", insecureHosts: []).base.absoluteString == "http://localhost:5000/v2/")
        #expect(try Endpoint(host: "r.example:5000", insecureHosts: []).base.absoluteString == "https://r.example:5000/v2/")
        #expect(try Endpoint(host: "r.example:5000", insecureHosts: ["r.example:5000"]).base.absoluteString == "http://r.example:5000/v2/")
        #expect(try Endpoint(host: "r.example:5000", insecureHosts: ["r.example"]).base.absoluteString == "http://r.example:5000/v2/")
        #expect(try Endpoint(host: "docker.io", insecureHosts: []).base.absoluteString == "https://registry-1.docker.io/v2/")
        let secure = try Endpoint(host: "r.example", insecureHosts: ["cdn.example"])
        let open = try Endpoint(host: "localhost:5000", insecureHosts: ["cdn.example"])
        let origin = { (text: String) in try #require(URL(string: text).flatMap(Origin.init)) }
        try #expect(secure.allows(origin("https://cdn.example/x")))
        try #expect(!secure.allows(origin("http://cdn.example/x")))
        try #expect(!secure.allows(origin("http://127.0.0.1/x")))
        try #expect(open.allows(origin("http://cdn.example/x")))
        try #expect(!open.allows(origin("http://other.example/x")))
    }

    @Test("gets more into its query without losing what stands there")
    func queries() throws {
        let added = { (text: String) in try URLQuery.adding([("digest", "sha256:a"), ("x", "ä &")], to: #require(URL(string: text))).absoluteString }
        try #expect(added("http://a/b") == "http://a/b?digest=sha256%3Aa&x=%C3%A4%20%26")
        try #expect(added("http://a/b?_state=x%3D") == "http://a/b?_state=x%3D&digest=sha256%3Aa&x=%C3%A4%20%26")
        try #expect(added("http://a/b?y=1#f") == "http://a/b?y=1&digest=sha256%3Aa&x=%C3%A4%20%26")
    }
}

@Suite("Trying again")
struct RetryTests {
    @Test("waits longer each time, and not for ever")
    func backoff() {
        var retries = Retries(RetryPolicy())
        let waits = (0..<6).map { _ in retries.failed(progressed: false, retryAfter: nil, jitter: 1) }
        #expect(waits == [.milliseconds(200), .milliseconds(400), .milliseconds(800), .milliseconds(1_600), nil, nil])
    }

    @Test("goes on as long as something gets further, up to a limit")
    func progress() {
        var retries = Retries(RetryPolicy())
        let waits = (0..<200).map { _ in retries.failed(progressed: true, retryAfter: nil, jitter: 0) }
        #expect(waits.prefix(99).allSatisfy { $0 == .milliseconds(100) })
        #expect(waits.dropFirst(99).allSatisfy { $0 == nil })
    }

    @Test("waits as long as it is asked to, and gives up when that is too long")
    func asked() {
        var retries = Retries(RetryPolicy())
        #expect(retries.failed(progressed: false, retryAfter: .seconds(30), jitter: 0) == .seconds(30))
        #expect(retries.failed(progressed: false, retryAfter: .seconds(3_600), jitter: 0) == nil)
        #expect(Refusal.seconds("5") == .seconds(5))
        for text in ["-1", "x", "", "99999999999999999999", "Wed, 21 Oct 2026 07:28:00 GMT"] { #expect(Refusal.seconds(text) == nil) }
    }

    @Test("is about what may go well a moment later", arguments: [(500, true), (503, true), (429, true), (404, false), (401, false), (400, false)])
    func statuses(status: Int, isTransient: Bool) {
        let body = Array(#"{"errors":[{"code":"X","message":"bad\u001b[31m thing"}]}"#.utf8)
        let error = Refusal(status: status, body: body, retryAfter: nil).error("r.example", "it")
        #expect(error.isTransient == isTransient)
        #expect(error.message.contains("X: bad [31m thing"))
        #expect(Refusal(status: status, body: [0xff, 0xfe], retryAfter: nil).words == nil)
    }

    @Test(
        "from where it was needs an answer that says the same",
        arguments: [("bytes 5-9/10", 5), ("bytes 0-0/*", 0), ("bytes x", nil), (nil, nil), ("items 1-2/3", nil), ("bytes -5/10", nil)]
            as [(String?, Int?)])
    func ranges(text: String?, first: Int?) { #expect(ContentRange(text)?.first == first) }

    @Test(
        "knows what an upload has",
        arguments: [("0-99", 99), ("0-0", -1), ("bytes=0-9", 9), ("1-9", nil), ("0--5", nil), ("x", nil), ("0-9223372036854775807", nil)]
            as [(String, Int?)])
    func uploads(text: String, last: Int?) { #expect(RemoteRepository.last(ofRange: text) == last) }

    @Test(
        "reads where the next page is",
        arguments: [(#"</v2/a/tags/list?n=1&last=b>; rel="next""#, "/v2/a/tags/list?n=1&last=b"), ("<x>; rel=prev", nil), ("<x", nil), ("", nil)]
            as [(String, String?)])
    func links(header: String, next: String?) { #expect(RemoteRepository.nextLink(header) == next) }
}
