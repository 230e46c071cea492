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

    @Test(
        "mistakes are told at their place",
        arguments: [
            ("", "1:1: error: the file is empty; write 'name:', 'suite:' and 'packages:'"),
            ("name: a\nsuite: sid", "1:1: error: the file has no 'packages'; add 'packages:' with a list, '[]' for none beyond what the suite needs"),
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
