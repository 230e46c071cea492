import IngotModel
import Manifest
import Testing

@Suite struct BaseDefinitionTests {
    @Test("a base image's file is read")
    func whole() {
        let parsed = BaseDefinition.parse(
            """
            name: python:3.11-bookworm
            suite: bookworm
            packages: [python3, ca-certificates, libssl3=3.0.11-1~deb12u2]
            mirror: https://deb.debian.org/debian
            package-manager: keep
            user: 65532:65532
            command: [/usr/bin/python3]
            environment: { PYTHONUNBUFFERED: 1 }
            labels: { org.example.team: web }
            """, file: "bases/python.yaml")
        #expect(parsed.diagnostics.isEmpty)
        #expect(
            parsed.value
                == BaseImageSpecification(
                    name: "python:3.11-bookworm", suite: "bookworm", packages: ["python3", "ca-certificates", "libssl3=3.0.11-1~deb12u2"],
                    mirror: "https://deb.debian.org/debian", keepsPackageManager: true, user: "65532:65532",
                    command: ["/usr/bin/python3"], environment: ["PYTHONUNBUFFERED": "1"], labels: ["org.example.team": "web"]))
    }

    @Test("a distroless image with users and files is read")
    func distroless() {
        let parsed = BaseDefinition.parse(
            """
            name: app
            distribution: debian
            release: bookworm
            variant: distroless
            shell: keep
            packages: []
            users:
              - { name: app, id: 1000, home: /home/app }
            files:
              - path: /etc/app.conf
                content: |
                  a
                  b
                mode: 0640
                owner: app:0
            """, file: "b.yaml")
        var expected = BaseImageSpecification(name: "app", suite: "bookworm", packages: [])
        expected.variant = .distroless
        expected.keepsShell = true
        expected.users = [BaseUser(name: "app", id: 1_000, home: "/home/app")]
        expected.files = [BaseFile(path: "/etc/app.conf", content: "a\nb\n", mode: 0o640, owner: "app:0")]
        #expect(parsed.diagnostics.isEmpty)
        #expect(parsed.value == expected)
    }

    @Test(
        "what does not go together, or is no value, is told",
        arguments: [
            ("variant: distroless\npackage-manager: keep", "a distroless image has no package manager; choose the variant 'standard'"),
            ("shell: remove", "the variant 'standard' has a shell, which its packages need; choose 'distroless'"),
            ("suite: bookworm", "'release' and 'suite' mean the same; leave 'suite' out"),
            ("distribution: ubuntu\nsnapshot: 20261101T000000Z", "there are snapshots of Debian only; name a 'mirror'"),
            (
                "users: [{ name: App, id: 1 }]",
                "'users[].name' is 'App'; expected a user's name: a lower-case letter, then letters, digits, '_' and '-'"
            ),
            ("users: [{ name: a, id: 4294967295 }]", "'users[].id' is '4294967295'; expected a number from 0 to 4294967294"),
            ("users: [{ name: a, id: 1 }, { name: a, id: 2 }]", "'a' stands in 'users' twice"),
            ("files: [{ path: ../x, content: a }]", "'files[].path' is '../x'; expected an absolute path without '..' and ':'"),
            ("files: [{ path: /x, content: a, mode: 888 }]", "'files[].mode' is '888'; expected permissions in octal, such as 0644"),
            ("files: [{ path: /x }]", "'files[]' has no 'content'; add 'content:' with a text without zero bytes, of at most 32 KiB"),
        ])
    func contradictions(line: String, says: String) {
        let parsed = BaseDefinition.parse("name: a\nrelease: bookworm\npackages: []\n\(line)\n", file: "b.yaml")
        #expect(parsed.diagnostics.map { [$0.message, $0.hint].compactMap(\.self).joined(separator: "; ") } == [says])
    }

    @Test(
        "mistakes are told at their place",
        arguments: [
            ("", "1:1: error: the file is empty; write 'name:', 'release:' and 'packages:'"),
            (
                "name: a\nsuite: sid",
                "1:1: error: the file has no 'packages'; add 'packages:' with a list, '[]' for none beyond what the release needs"
            ),
            (
                "name: a\nsuite: sid\npackages: [--option]",
                "3:12: error: 'packages' is '--option'; expected a package's name, such as python3 or python3=3.11.2-1+b1"
            ),
            ("name: a\nsuit: b\nsuite: sid\npackages: []", "2:1: error: unknown key 'suit'; did you mean 'suite'?"),
            (
                "name: a\nsuite: sid\npackages: []\nmirror: ftp://x",
                "4:9: error: 'mirror' is 'ftp://x'; expected the URL of an archive, beginning with http://, https:// or file:///"
            ),
            (
                "name: a\nsuite: sid\npackages: []\nmirror: http://x\nsnapshot: 20261101T000000Z",
                "5:1: error: 'mirror' and 'snapshot' exclude each other; a snapshot is read from snapshot.debian.org"
            ),
        ])
    func mistakes(text: String, says: String) {
        let parsed = BaseDefinition.parse(text, file: "b.yaml")
        #expect(parsed.diagnostics.map(\.description) == ["b.yaml:\(says)"])
        #expect(parsed.value == nil)
    }
}
