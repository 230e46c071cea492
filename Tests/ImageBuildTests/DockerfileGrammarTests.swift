import IngotModel
import Testing

@testable import ImageBuild

@Suite("The grammar of a Dockerfile")
struct DockerfileGrammarTests {
    private func summary(_ body: String, directives: String = "") throws -> [String] {
        try DockerfileParser.parse(directives + "FROM scratch\n" + body, file: "Dockerfile").stages[0].instructions.map {
            InstructionSummary.text($0.kind)
        }
    }

    @Test(
        "has each flag of each instruction",
        arguments: [
            ("COPY --link a /x", "COPY link (a) -> /x"), ("COPY --link=false a /x", "COPY (a) -> /x"),
            ("COPY --parents=TRUE ./a/./b /x/", "COPY parents (./a/./b) -> /x/"),
            ("COPY --exclude=*.md --exclude='a b' . /x", "COPY exclude=*.md|a b (.) -> /x"),
            ("COPY --from=0 --chown=a:b --chmod=u+x a b c/", "COPY from=0 owner=a:b mode=u+x (a|b) -> c/"),
            (#"COPY --chown="app:app" a b"#, "COPY owner=app:app (a) -> b"),
            ("ADD --checksum=sha256:00 https://a/b /x", "ADD checksum=sha256:00 (https://a/b) -> /x"),
            ("ADD --keep-git-dir --unpack=true https://a/b.git#main:c /x", "ADD git unpack=true (https://a/b.git#main:c) -> /x"),
            ("ADD --unpack=false --exclude=x --link a.tar /x", "ADD link unpack=false exclude=x (a.tar) -> /x"),
            (#"ADD ["we [i] rd.txt", "/x y"]"#, "ADD (we [i] rd.txt) -> /x y"),
            ("RUN --network=none --security=insecure a", "RUN network=none security=insecure sh(a)"),
            ("RUN -- --x", "RUN sh(--x)"),
            (
                "HEALTHCHECK --interval=1m30s --timeout=1.5s --start-period=0s --start-interval=250ms --retries=0 CMD a b",
                "HEALTHCHECK interval=90.0 seconds timeout=1.5 seconds every=0.25 seconds retries=0 sh(a b)"
            ),
            ("healthcheck cmd [\"a\"]", "HEALTHCHECK exec(a)"), ("HEALTHCHECK none", "HEALTHCHECK NONE"),
            ("VOLUME /a /b", "VOLUME /a|/b"), (#"VOLUME ["/a b", "/c"]"#, "VOLUME /a b|/c"),
            ("STOPSIGNAL SIGTERM", "STOPSIGNAL SIGTERM"), ("MAINTAINER A B <a@b>", "MAINTAINER A B <a@b>"),
            (#"SHELL ["a", "b"]"#, #"SHELL ["a", "b"]"#), ("ENTRYPOINT []", "ENTRYPOINT exec()"), ("CMD [ -f x ]", "CMD sh([ -f x ])"),
            ("EXPOSE 80 443/tcp", "EXPOSE 80|443/tcp"), ("USER a:b", "USER a:b"), ("WORKDIR /a b", "WORKDIR /a b"),
            ("ARG a b=\"1 2\" c=", "ARG a|b=\"1 2\"|c="), ("LABEL a.b='c d' \"e f\"=g", "LABEL a.b='c d'|\"e f\"=g"),
            ("ONBUILD  copy --from=x a /b", "ONBUILD copy --from=x a /b"), ("ONBUILD ENTRYPOINT [\"x\"]", "ONBUILD ENTRYPOINT [\"x\"]"),
        ])
    func flags(body: String, expected: String) throws {
        #expect(try summary(body) == [expected])
    }

    @Test(
        "has each kind of mount with its keys and their other names",
        arguments: [
            ("target=/x", "bind(target=/x)"), ("type=bind,src=a,dst=/x,from=b,rw", "bind(from=b|readwrite=true|source=a|target=/x)"),
            (
                "type=cache,id=a,destination=/x,sharing=locked,mode=0700,uid=1,gid=2,ro=false",
                "cache(gid=2|id=a|mode=0700|readonly=false|sharing=locked|target=/x|uid=1)"
            ),
            ("type=CACHE,TARGET=/x", "cache(target=/x)"), ("type=tmpfs,target=/x,size=10m", "tmpfs(size=10m|target=/x)"),
            ("type=secret,id=a,env=B,required", "secret(env=B|id=a|required=true)"), ("type=secret,src=a", "secret(source=a)"),
            ("type=ssh", "ssh()"), ("type=ssh,required=false,mode=0600", "ssh(mode=0600|required=false)"),
            (#"'type=bind,"target=/a,b",source=c'"#, "bind(source=c|target=/a,b)"),
            (#"'type=bind,"source=say ""x""",target=/y'"#, "bind(source=say \"x\"|target=/y)"),
            (#"type=bind,source="a b",target=/x"#, "bind(source=a b|target=/x)"), ("type=cache,target=/a=b", "cache(target=/a=b)"),
        ])
    func mounts(flag: String, expected: String) throws {
        #expect(try summary("RUN --mount=\(flag) x") == ["RUN \(expected) sh(x)"])
        #expect(try summary("RUN --mount=\(flag) --mount=type=ssh,id=2 x") == ["RUN \(expected) ssh(id=2) sh(x)"])
    }

    @Test(
        "has documents in RUN, COPY and ADD",
        arguments: [
            ("RUN <<EOF\na\n  b\nEOF\nUSER x", ["RUN sh(<<EOF) <<EOF(a\n  b\n)", "USER x"]),
            ("RUN cat <<A <<'B' > /x\n1\nA\n$2\nB\nUSER x", ["RUN sh(cat <<A <<'B' > /x) <<A(1\n) <<B!($2\n)", "USER x"]),
            ("RUN 3<<EOF cat <&3\nx\nEOF", ["RUN sh(3<<EOF cat <&3) <<EOF(x\n)"]),
            ("RUN <<-EOF\n\t\ta\n\t b\n\tEOF", ["RUN sh(<<-EOF) <<EOF(a\n b\n)"]),
            ("RUN <<\"E F\"\nE\nE F", ["RUN sh(<<\"E F\") <<E F!(E\n)"]), ("RUN <<E'O'F\nx\nEOF", ["RUN sh(<<E'O'F) <<EOF!(x\n)"]),
            ("RUN \\\n  <<EOF\n# no comment \\\n\nEOF", ["RUN sh(<<EOF) <<EOF(# no comment \\\n\n)"]),
            ("RUN --mount=type=ssh <<EOF\r\na\r\nEOF\r\n", ["RUN ssh() sh(<<EOF) <<EOF(a\r\n)"]),
            ("COPY <<a <<\"b\" c /x/\n1\na\n2\nb\nUSER y", ["COPY (c) <<a(1\n) <<b!(2\n) -> /x/", "USER y"]),
            ("ADD --chmod=755 <<run.sh /x\n#!/bin/sh\nrun.sh", ["ADD mode=755 () <<run.sh(#!/bin/sh\n) -> /x"]),
            ("COPY <<EOF /x\nEOF", ["COPY () <<EOF() -> /x"]), ("COPY <<a <<a /x/\n1\na\n2\na", ["COPY () <<a(1\n) <<a(2\n) -> /x/"]),
            ("ONBUILD RUN <<EOF\na\nEOF\nUSER x", ["ONBUILD RUN <<EOF\na\nEOF", "USER x"]),
            // No documents: a word of its own, not in quotes, not a here-string, not in a list, not of other instructions.
            ("RUN echo a<<EOF", ["RUN sh(echo a<<EOF)"]), ("RUN echo '<<EOF' \"<<EOF\"", ["RUN sh(echo '<<EOF' \"<<EOF\")"]),
            ("RUN a <<<EOF", ["RUN sh(a <<<EOF)"]), ("RUN echo $((1 << 2))", ["RUN sh(echo $((1 << 2)))"]),
            (#"COPY ["<<EOF", "/x"]"#, ["COPY (<<EOF) -> /x"]), ("CMD cat <<EOF", ["CMD sh(cat <<EOF)"]),
        ])
    func documents(body: String, expected: [String]) throws {
        #expect(try summary(body) == expected)
    }

    @Test(
        "says what a RUN with documents starts",
        arguments: [
            ("RUN a", .shell("a")), ("RUN [\"a\"]", .exec(["a"])), ("RUN <<EOF\na\nb\nEOF", .shell("a\nb\n")),
            ("RUN cat <<EOF > /x\na\nEOF", .shell("cat <<EOF > /x\na\nEOF")), ("RUN cat <<A <<'B'\n1\nA\n2\nB", .shell("cat <<A <<'B'\n1\nA\n2\nB")),
            (
                "RUN <<X\n#!/bin/a\nb\nX",
                .script(
                    HereDocument(
                        name: "X", content: "#!/bin/a\nb\n", expands: true, location: SourceLocation(file: "Dockerfile", line: 3, column: 1)))
            ),
        ] as [(String, RunInstruction.Program)])
    func program(body: String, expected: RunInstruction.Program) throws {
        let instruction = try DockerfileParser.parse("FROM scratch\n" + body, file: "Dockerfile").stages[0].instructions[0]
        guard case .run(let run) = instruction.kind else { return #expect(Bool(false), "not a RUN") }
        #expect(run.program == expected)
    }

    @Test(
        "joins lines, past comments, blanks and other line ends",
        arguments: [
            ("RUN a \\\n# c\n  # d\n  b", "RUN sh(a   b)"), ("RUN a \\ \t\n b", "RUN sh(a  b)"), ("RUN a \\\r\n b\r\n", "RUN sh(a  b)"),
            ("RUN a \\\n\n b", "RUN sh(a  b)"), ("\\\nRUN a", "RUN sh(a)"), ("RUN \\\n a", "RUN sh(a)"), ("RUN a \\", "RUN sh(a)"),
            ("RUN a # b", "RUN sh(a # b)"), ("R\\\nUN a", "RUN sh(a)"), ("RUN a\\\\", "RUN sh(a\\\\)"),
        ])
    func continuation(body: String, expected: String) throws {
        #expect(try summary(body) == [expected])
    }

    @Test("reads directives at the top, and nothing below")
    func directives() throws {
        let file = try DockerfileParser.parse(
            "\u{FEFF}#!/usr/bin/env x\n# Syntax = docker/dockerfile:1.9 \n#check=skip=A, B;error=true\n# escape = `\nFROM a\nRUN a `\n b", file: "D")
        #expect(file.directives.syntax == "docker/dockerfile:1.9")
        #expect(file.directives.check.skipped == ["A", "B"] && file.directives.check.isError && !file.directives.check.skipsAll)
        #expect(file.escape == "`" && file.stages[0].instructions.map(\.text) == ["RUN a  b"])
        for top in ["# a comment\n", "\n", "# unknown=1\n"] {
            let later = try DockerfileParser.parse(top + "# escape=`\n# check=nonsense\nFROM a\n", file: "D")
            #expect(later.escape == "\\" && later.directives == DockerfileDirectives())
        }
        #expect(try DockerfileParser.parse("#check=skip=all\nFROM a", file: "D").directives.check.skipsAll)
    }

    @Test("keeps what the checks need to know of how it was written")
    func written() throws {
        let file = try DockerfileParser.parse("# V is it\nARG V\n# about\nfrom --platform=linux/$V a As Bc\nENV a b\nRUN x \\\n\n y\n", file: "D")
        #expect(file.arguments.map(\.comment) == ["V is it"])
        let stage = file.stages[0]
        #expect(
            [stage.keyword, stage.asKeyword?.raw, stage.writtenName?.raw, stage.name, stage.platform?.raw] == ["from", "As", "Bc", "bc", "linux/$V"])
        #expect(stage.comment == "about" && file.keywords.map(\.raw) == ["ARG", "from", "ENV", "RUN"])
        #expect(file.emptyContinuations.map(\.line) == [7])
        guard case .environment(let pairs) = stage.instructions[0].kind else { return #expect(Bool(false)) }
        #expect(pairs.map(\.isOldForm) == [true])
    }

    @Test(
        "a document alone is the script; one beside a program is what the program reads",
        arguments: [
            ("RUN <<EOF\na\nEOF", RunInstruction.Program.shell("a\n")), ("RUN <<'E F'\na\nE F", .shell("a\n")),
            ("RUN <<\"END\" python3\na\nEND", .shell("<<\"END\" python3\na\nEND")), ("RUN cat <<EOF >/x\na\nEOF", .shell("cat <<EOF >/x\na\nEOF")),
        ])
    func programs(text: String, program: RunInstruction.Program) throws {
        let stage = try DockerfileParser.parse("FROM scratch\n" + text, file: "D").stages[0]
        guard case .run(let run) = stage.instructions[0].kind else { return #expect(Bool(false)) }
        #expect(run.program == program)
    }
}
