import Testing

@testable import Registry

@Suite("A challenge")
struct ChallengeTests {
    @Test(
        "is read in all its forms",
        arguments: [
            ("Basic realm=\"x\"", [Challenge(scheme: "basic", parameters: ["realm": "x"])]),
            (
                #"Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push""#,
                [
                    Challenge(
                        scheme: "bearer",
                        parameters: [
                            "realm": "https://auth.docker.io/token", "service": "registry.docker.io", "scope": "repository:a/b:pull,push",
                        ])
                ]
            ),
            ("bearer Realm=x , SERVICE = y", [Challenge(scheme: "bearer", parameters: ["realm": "x", "service": "y"])]),
            ("Basic", [Challenge(scheme: "basic", parameters: [:])]),
            (
                #"Negotiate, Bearer realm="a", Basic realm="b""#,
                [
                    Challenge(scheme: "negotiate", parameters: [:]), Challenge(scheme: "bearer", parameters: ["realm": "a"]),
                    Challenge(scheme: "basic", parameters: ["realm": "b"]),
                ]
            ),
            (#"Bearer realm="a\"b\\c""#, [Challenge(scheme: "bearer", parameters: ["realm": #"a"b\c"#])]),
            (#"Bearer realm="first",realm="second""#, [Challenge(scheme: "bearer", parameters: ["realm": "first"])]),
        ])
    func reading(header: String, expected: [Challenge]) { #expect(Challenge.parse(header) == expected) }

    @Test(
        "that is none gives nothing, and never more than there may be",
        arguments: [
            "", ",,,", "=", "\"", "Bearer realm=\"", "Bearer realm=\"a\nb\"", "Bearer realm=\"a\\", "Bearer realm=", "\u{0}",
            "Bearer realm=\"\u{7f}\"",
            "Bearer " + String(repeating: "a", count: 9_000),
        ])
    func damaged(header: String) { #expect(Challenge.parse(header).allSatisfy { $0.parameters.isEmpty }) }

    @Test("floods end")
    func floods() {
        #expect(Challenge.parse(String(repeating: "a, ", count: 2_000)).count == Challenge.mostChallenges)
        let many = "Bearer " + (0..<500).map { "k\($0)=v" }.joined(separator: ",")
        #expect(Challenge.parse(many)[0].parameters.count == Challenge.mostParameters)
    }
}
