import CLinux
import Glibc
import ImageStore
import IngotModel
import SystemPackage
import Testing

@testable import ImageBuild

@Suite("COPY")
struct CopyTests {
    /// What a file is, in short: `644 0:0`.
    static func mode(_ path: String, _ image: Image, _ fixture: BuildFixture) throws -> String? {
        try fixture.file(path, of: image).map { "\(String($0.metadata.mode, radix: 8)) \($0.metadata.userID):\($0.metadata.groupID)" }
    }

    static func names(_ image: Image, _ fixture: BuildFixture) throws -> [String] { try ImageFile.all(of: image, in: fixture).keys.sorted() }

    @Test(
        "gives modes as BuildKit does, also to the folders that it makes",
        arguments: [
            ("--chmod=777", "parent/foo", ["parent": "777 0:0", "parent/foo": "777 0:0"]),
            ("--chmod=0", "foo", ["foo": "0 0:0"]),
            ("--chmod=4755 --chown=5", "foo", ["foo": "4755 5:5"]),
            ("--chmod=u=rwX,go=rX", "foo", ["foo": "644 0:0"]),
            ("--chmod=a+x", "p/foo", ["p": "755 0:0", "p/foo": "755 0:0"]),
            ("--chmod=go-r,u+s", "foo", ["foo": "4600 0:0"]),
            ("--chown=7:8", "p/foo", ["p": "755 7:8", "p/foo": "644 7:8"]),
            ("", "p/foo", ["p": "755 0:0", "p/foo": "644 0:0"]),
        ])
    func modes(flags: String, destination: String, expected: [String: String]) async throws {
        try await BuildFixture.with(base: false) { fixture in
            try fixture.write("foo", "x")
            let image = try await fixture.run("FROM scratch\nCOPY \(flags) foo /\(destination)").image
            for (path, mode) in expected { #expect(try Self.mode(path, image, fixture) == mode, "\(path)") }
        }
    }

    @Test(
        "reads modes as chmod does",
        arguments: [
            ("755", 0o644, 0o755), ("u+x", 0o644, 0o744), ("+x", 0o644, 0o755), ("+w", 0o444, 0o644), ("a=r", 0o4755, 0o444), ("g=u", 0o750, 0o770),
            ("u=rwX,go=rX", 0o600, 0o644), ("u=rwX,go=rX", 0o700, 0o755), ("o-rwx,u+s", 0o755, 0o4750), ("+t", 0o755, 0o1755),
            ("ug+s", 0o755, 0o6755),
            ("u-s", 0o6755, 0o2755), ("a+X", 0o644, 0o644), ("u=rw+x", 0o000, 0o700), ("7777", 0, 0o7777),
        ] as [(String, UInt16, UInt16)])
    func symbolic(text: String, mode: UInt16, expected: UInt16) throws {
        let change = try #require(FileModeChange(text))
        #expect(String(change.applied(to: mode, isFolder: false), radix: 8) == String(expected, radix: 8))
    }

    @Test("refuses what is no mode", arguments: ["", "64a", "10000", "u", "x", "u+y", "u+x,", "+-=?", "-1", "u=ug"])
    func noMode(text: String) { #expect(FileModeChange(text) == nil) }

    @Test("from a stage keeps owners, modes, links and attributes")
    func fromStage() async throws {
        try await BuildFixture.with { fixture in
            try fixture.write("f", "x", mode: 0o640)
            let image = try await fixture.run(
                """
                FROM base AS a
                COPY --chown=100:200 --chmod=4750 f /d/f
                RUN ln /d/f /d/g && ln -s f /d/s
                FROM scratch
                COPY --from=a /d /made
                COPY --from=a --chown=3:4 /d /owned
                """
            ).image
            #expect(try Self.mode("made", image, fixture) == "755 0:0")
            #expect(try Self.mode("made/f", image, fixture) == "4750 100:200")
            #expect(try Self.mode("owned/f", image, fixture) == "4750 3:4")
            guard case .link("f")? = try fixture.file("made/s", of: image)?.kind else { return #expect(Bool(false), "made/s is no link") }
            #expect(try Self.linkCount("made/g", image, fixture) == 2)
        }
    }

    static func linkCount(_ path: String, _ image: Image, _ fixture: BuildFixture) throws -> UInt {
        try fixture.withFiles(image) { tree in
            var status = stat()
            #expect(lstat(tree.path.pushing(FilePath(path)).string, &status) == 0)
            return UInt(status.st_nlink)
        }
    }

    @Test("keeps hard links among its sources, and setuid and attributes of the context")
    func context() async throws {
        try await BuildFixture.with(base: false) { fixture in
            try fixture.write("d/a", "x", mode: 0o4755)
            #expect(Glibc.link(fixture.context.pushing("d/a").string, fixture.context.pushing("d/b").string) == 0)
            let hasAttributes = setxattr(fixture.context.pushing("d/a").string, "user.note", "hi", 2, 0) == 0
            let image = try await fixture.run("FROM scratch\nCOPY d /d").image
            #expect(try Self.mode("d/a", image, fixture) == "4755 0:0")
            #expect(try Self.linkCount("d/b", image, fixture) == 2)
            if hasAttributes { #expect(try fixture.file("d/a", of: image)?.metadata.attributes["user.note"] == Array("hi".utf8)) }
        }
    }

    @Test("follows a destination that is a link, and refuses a folder onto one further down")
    func links() async throws {
        try await BuildFixture.with { fixture in
            try fixture.write("d/sub/x", "x")
            try fixture.write("f", "f")
            let image = try await fixture.run(
                "FROM base\nRUN mkdir /real && ln -s real /door && ln -s /nowhere/yet /dangling\nCOPY f /door/\nCOPY f /dangling"
            ).image
            #expect(try fixture.text("real/f", of: image) == "f")
            #expect(try fixture.text("nowhere/yet", of: image) == "f")
            let error = await #expect(throws: BuildError.self) {
                try await fixture.run("FROM base\nRUN mkdir -p /t && ln -s /bin /t/sub\nCOPY d /t")
            }
            #expect(error?.code == "build.destination-unsuitable")
        }
    }

    @Test("--link does not look at what is below: its layer is the same over any parent, and links are not followed")
    func link() async throws {
        try await BuildFixture.with { fixture in
            try fixture.write("f", "f")
            let over = try await fixture.run("FROM base\nRUN mkdir /real && ln -s real /door\nCOPY --link f /door/")
            let alone = try await fixture.run("FROM scratch\nCOPY --link f /door/")
            #expect(alone.steps.last?.outcome == .cached)
            #expect(alone.image.layers.last == over.image.layers.last)
            #expect(try fixture.text("door/f", of: over.image) == "f")
            #expect(try fixture.file("real/f", of: over.image) == nil)
        }
    }

    @Test("does not depend on a parent in which nothing that it looks up changed")
    func independent() async throws {
        try await BuildFixture.with { fixture in
            try fixture.write("a.tar", "")
            try Files.write(TarFile.make { $0.add("x/y", "y") }, to: fixture.context.appending("a.tar"))
            let first = try await fixture.run("FROM base\nRUN echo 1 > /one\nADD a.tar /t/\nCOPY a.tar /u/")
            let second = try await fixture.run("FROM base\nRUN echo 2 > /two\nADD a.tar /t/\nCOPY a.tar /u/")
            #expect(second.steps.map(\.outcome) == [.made, .cached, .cached])
            #expect(second.image.layers.suffix(2) == first.image.layers.suffix(2))
            let third = try await fixture.run("FROM base\nRUN mkdir -m 700 -p /t/x\nADD a.tar /t/")
            #expect(third.steps.last?.outcome == .made)
            #expect(try Self.mode("t/x", third.image, fixture) == "700 0:0")
        }
    }

    @Test(
        "leaves out what --exclude names",
        arguments: [
            ("COPY --exclude=*.txt d /", ["s", "s/c.txt", "s/e"]), ("COPY --exclude=**/*.txt d /", ["s", "s/e"]), ("COPY --exclude=s d /", ["b.txt"]),
            ("COPY --exclude=s --exclude=!s/e d /", ["b.txt", "s", "s/e"]), ("COPY --exclude=*.txt d/* /", ["c.txt", "e"].filter { $0 != "c.txt" }),
            ("ADD --exclude=**/e d /", ["b.txt", "s", "s/c.txt"]),
        ])
    func excludes(instruction: String, expected: [String]) async throws {
        try await BuildFixture.with(base: false) { fixture in
            for name in ["d/b.txt", "d/s/c.txt", "d/s/e"] { try fixture.write(name, name) }
            #expect(try Self.names(await fixture.run("FROM scratch\n\(instruction)").image, fixture) == expected)
        }
    }

    @Test("is not made again when only what it excludes changed")
    func excludedChange() async throws {
        try await BuildFixture.with(base: false) { fixture in
            for name in ["d/a", "d/b"] { try fixture.write(name, "1") }
            let first = try await fixture.run("FROM scratch\nCOPY --exclude=b d /")
            try fixture.write("d/b", "2")
            let second = try await fixture.run("FROM scratch\nCOPY --exclude=b d /")
            #expect(second.isFromCache && second.image.digest == first.image.digest)
        }
    }

    @Test(
        "--parents keeps the folders from the pivot on",
        arguments: [
            ("COPY --parents x/y/a.txt /p/", ["p", "p/x", "p/x/y", "p/x/y/a.txt"]), ("COPY --parents x/./y/*.txt /p/", ["p", "p/y", "p/y/a.txt"]),
            ("COPY --parents **/a.txt /p/", ["p", "p/x", "p/x/y", "p/x/y/a.txt"]), ("COPY --parents --exclude=x/y x /p/", ["p", "p/x", "p/x/b"]),
            ("COPY --parents nothing* /p/", []),
        ])
    func parents(instruction: String, expected: [String]) async throws {
        try await BuildFixture.with(base: false) { fixture in
            for name in ["x/y/a.txt", "x/b"] { try fixture.write(name, name) }
            #expect(try Self.names(await fixture.run("FROM scratch\n\(instruction)").image, fixture) == expected)
        }
    }

    @Test("writes documents, their variables filled in unless the name is quoted")
    func documents() async throws {
        try await BuildFixture.with(base: false) { fixture in
            let image = try await fixture.run(
                """
                FROM scratch
                ENV NAME=you
                COPY <<A <<"B" /d/
                "hello" ${NAME:-x} \\$NAME \\\\
                A
                $NAME
                B
                COPY --chmod=700 <<-END /script
                \t\trun $NAME
                END
                """
            ).image
            #expect(try fixture.text("d/A", of: image) == "\"hello\" you $NAME \\\n")
            #expect(try fixture.text("d/B", of: image) == "$NAME\n")
            #expect(try fixture.text("script", of: image) == "run you\n")
            #expect(try Self.mode("script", image, fixture) == "700 0:0")
        }
    }

    @Test("takes names that look like commands, patterns or options as names")
    func names() async throws {
        try await BuildFixture.with(base: false) { fixture in
            let names = ["--x", "-rf", "$(id)", "we [i] rd.txt", "a;b"]
            for name in names { try fixture.write("d/\(name)", name) }
            try fixture.write("we [i] rd.txt", "w")
            let image = try await fixture.run("FROM scratch\nCOPY d /d\nCOPY [\"we [[]i] rd.txt\", \"/a b/\"]\nCOPY -- d/--x /last").image
            for name in names { #expect(try fixture.text("d/\(name)", of: image) == name) }
            #expect(try fixture.text("a b/we [i] rd.txt", of: image) == "w")
            #expect(try fixture.text("last", of: image) == "--x")
        }
    }

    @Test("of a wildcard that fits nothing copies nothing and says so; the last of several onto one name stays")
    func wildcards() async throws {
        try await BuildFixture.with(base: false) { fixture in
            for name in ["a.go", "b.go"] { try fixture.write(name, name) }
            let warnings = WarningLog()
            let image = try await fixture.builder.build(fixture.request("FROM scratch\nCOPY *.rs /x/\nCOPY *.go /one.go")) { warnings.append($0) }
                .image
            #expect(warnings.messages.contains { $0.contains("nothing fits '*.rs'") })
            #expect(try fixture.text("one.go", of: image) == "b.go")
        }
    }

    @Test("names the number of a user that can't be", arguments: ["4294967296", "4294967295", "5:99999999999999999999"])
    func owner(text: String) async throws {
        try await BuildFixture.with(base: false) { fixture in
            try fixture.write("a", "a")
            let error = await #expect(throws: BuildError.self) { try await fixture.run("FROM scratch\nCOPY --chown=\(text) a /") }
            #expect(error?.code == "build.owner-invalid")
        }
    }
}
