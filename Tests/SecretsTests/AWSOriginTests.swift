import IngotModel
import Manifest
import Testing

@testable import Secrets

@Suite("Where credentials of AWS come from")
struct AWSOriginTests {
    private static func origin(_ variables: [String: String], file: String? = nil) throws -> AWSCredentialOrigin {
        try AWSCredentialOrigin.chosen(awsSettings(file: file), variables: variables, title: "aws in eu-central-1")
    }

    private static let all = [
        "AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "s", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/1",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:8080/credentials?id=1", "AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://[::1]:1338/",
    ]

    @Test(
        "is the first that is set up, in the order of the SDKs",
        arguments: [
            ([], "the keys in the daemon's variables"), (["AWS_ACCESS_KEY_ID"], "the keys in the daemon's variables"),
            (["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"], "the container's credentials from http://169.254.170.2"),
            (
                ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"],
                "the container's credentials from http://127.0.0.1:8080"
            ),
            (
                [
                    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
                    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                ], "the credentials from instance metadata at http://[::1]:1338"
            ),
            (Array(all.keys), "the credentials from instance metadata at http://169.254.169.254"),
        ] as [([String], String)])
    func order(without: [String], words: String) throws {
        // A variable that is empty is none.
        for empty in [nil, ""] {
            var variables = Self.all
            for name in without { variables[name] = empty }
            #expect(try Self.origin(variables).words == words)
            #expect(try Self.origin(variables, file: "/c") == .file("/c", profile: "default"))
        }
    }

    @Test("instance metadata can be turned off, and the error says where else was looked")
    func disabled() throws {
        for word in ["true", "TRUE"] {
            let error = try #require(throws: SecretError.self) { try Self.origin(["AWS_EC2_METADATA_DISABLED": word]) }
            #expect(error.kind == .notSetUp)
            for part in ["'credentials-file' is not set", "variables have no keys", "no container", "AWS_EC2_METADATA_DISABLED"] {
                #expect(error.message.contains(part))
            }
        }
        #expect(try Self.origin(["AWS_EC2_METADATA_DISABLED": "false"]).words.hasSuffix("169.254.169.254"))
    }

    @Test(
        "is asked over TLS, or on this machine, or at the addresses that AWS has for it",
        arguments: [
            "https://agent.internal/credentials", "https://agent.internal:8443/a?b=c", "https://10.0.0.1", "http://127.0.0.1/a",
            "http://127.1.2.3:80",
            "http://localhost:8080/a", "http://[::1]:80/a", "http://169.254.170.2/a", "http://169.254.170.23/v1/credentials",
            "http://[fd00:ec2::23]/v1/credentials",
        ])
    func allowed(address: String) throws {
        guard case .container(let found) = try Self.origin(["AWS_CONTAINER_CREDENTIALS_FULL_URI": address]) else { throw CancellationError() }
        #expect(found.text == address && address.hasPrefix(found.server))
    }

    @Test(
        "is asked nowhere else, whatever the address looks like",
        arguments: [
            "http://agent.internal/a", "http://10.0.0.1/", "http://169.254.169.254/", "http://169.254.170.2.evil.example/",
            "http://127.0.0.1.evil.example/",
            "http://127.0.0.1@evil.example/", "http://evil.example@127.0.0.1/", "http://127.0.0.1:80@evil.example/",
            "http://127.0.0.1\\@evil.example/",
            "http://127.0.0.1#@evil.example/", "http://localhost.evil.example/", "http://evil.example/127.0.0.1", "http://evil.example?127.0.0.1",
            "http://127.1/", "http://127.0.0.999/", "http://127.0.0.01/", "http://127.0.0./", "http://0x7f.0.0.1/", "http://2130706433/",
            "http://[::1/", "http://[::1]evil.example/", "http://[::ffff:10.0.0.1]/", "http://[fd00:ec2::24]/", "http://127.0.0.1:/",
            "http://127.0.0.1:+80/", "http://127.0.0.1:99999/", "http://127.0.0.1:8a/", "http://", "https://", "https:///a", "https://:443/",
            "https://user@agent.internal/", "https://a b/", "https://a/\r\nX-Other: b", "https://ä/", "HTTP://127.0.0.1/", "ftp://127.0.0.1/",
            "file:///etc/passwd", "127.0.0.1", " http://127.0.0.1/", "https://a/" + String(repeating: "a", count: 3_000),
        ])
    func refused(address: String) throws {
        for variable in ["AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_EC2_METADATA_SERVICE_ENDPOINT"] {
            // The one that is the instance's own.
            if variable.contains("EC2"), address == "http://169.254.169.254/" { continue }
            let error = try #require(throws: SecretError.self) { try Self.origin([variable: address]) }
            #expect(error.kind == .notSetUp && error.message.contains(variable) && !error.message.contains("evil"))
        }
    }

    @Test(
        "a path is one at the agent of ECS", arguments: ["v2/credentials", "@evil.example/", ".evil.example/", ":80@evil.example", "/a b", "/\r\n"])
    func relative(path: String) throws {
        #expect(throws: SecretError.self) { try Self.origin(["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": path]) }
    }

    @Test("agents of containers are none of instance metadata, and the other way round; a query is none of it")
    func endpoints() throws {
        for address in ["http://169.254.170.2", "http://127.0.0.1/?a=", "http://10.0.0.1"] {
            #expect(throws: SecretError.self) { try Self.origin(["AWS_EC2_METADATA_SERVICE_ENDPOINT": address]) }
        }
        #expect(try Self.origin(["AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://[fd00:ec2::254]"]).words.hasSuffix("http://[fd00:ec2::254]"))
    }

    @Test("a role's credentials are kept until shortly before they end, and used to their end when there are no others")
    func session() throws {
        let end = Timestamp(secondsSince1970: 10_000)
        let credentials = try #require(AWSCredentials(accessKey: "ASIA", secretKey: "s", sessionToken: "t"))
        var session = AWSRoleSession()
        #expect(session.current(at: end) == nil && session.held(at: end) == nil)
        session.keep(credentials, until: end)
        for (seconds, isCurrent, isHeld) in [
            (0, true, true), (9_699, true, true), (9_700, false, true), (9_999, false, true), (10_000, false, false),
        ] {
            let now = Timestamp(secondsSince1970: seconds)
            #expect((session.current(at: now) != nil) == isCurrent && (session.held(at: now) != nil) == isHeld, "\(seconds)")
        }
        session.doubt()
        let now = Timestamp(secondsSince1970: 0)
        #expect(session.current(at: now) == nil && session.held(at: now) != nil)
        session.keep(credentials, until: end)
        #expect(session.current(at: now) != nil)
        session.keep(credentials, until: nil)
        #expect(session.current(at: now) == nil && session.held(at: now) == nil)
    }
}

func awsSettings(file: String? = nil) throws -> SecretSourceSettings.AWSSettings {
    let more = file.map { ", credentials-file: \($0)" } ?? ""
    let sources = SecretSourcesDefinition.parse("sources: { aws: { kind: aws, region: eu-central-1\(more) } }").value
    guard case .aws(let settings) = try #require(sources?["aws"]).kind else { throw CancellationError() }
    return settings
}
