import IngotModel
import SystemPackage
import Testing

@testable import ImageBuild

@Suite("The options of RUN --mount")
struct RunMountTests {
    private func mounts(_ flags: String, _ variables: [String: String] = [:], folder: String = "/w") throws -> [RunMount] {
        let dockerfile = try DockerfileParser.parse("FROM scratch\nRUN \(flags) true", file: "Dockerfile")
        guard case .run(let run) = try #require(dockerfile.stages.first?.instructions.first).kind else { return [] }
        return try run.mounts.map { try RunMount($0, VariableExpansion(variables), workingFolder: folder) }
    }

    @Test("have the defaults of the reference")
    func defaults() throws {
        let all = try mounts(
            "--mount=target=a --mount=type=cache,target=/c --mount=type=tmpfs,target=/t --mount=type=secret,id=x/y --mount=type=ssh")
        #expect(all.map(\.target) == ["/w/a", "/c", "/t", "/run/secrets/y", "/run/buildkit/ssh_agent.default"])
        #expect(all[0].kind == .bind(source: "/", isReadOnly: true))
        #expect(all[1].kind == .cache(.init(id: "/c", sharing: .shared, source: "/", isReadOnly: false, mode: nil, owner: nil)))
        #expect(all[2].kind == .memory(size: nil))
        #expect(all[3].kind == .secret(.init(id: "x/y", isFile: true, variable: nil, isRequired: false, mode: 0o400, owner: .root)))
        #expect(all[4].kind == .agent(.init(id: "default", isRequired: false, mode: 0o600, owner: .root)))
    }

    @Test("are read with their variables filled in")
    func values() throws {
        let all = try mounts(
            "--mount=type=cache,id=$N,target=/c/$N,sharing=locked,mode=0700,uid=5,ro --mount=type=bind,target=b,rw,src=./s/$N "
                + "--mount=type=tmpfs,target=/t,size=64m --mount=type=secret,id=k,env=KEY,required",
            ["N": "n"])
        #expect(all[0].target == "/c/n")
        #expect(
            all[0].kind
                == .cache(.init(id: "n", sharing: .locked, source: "/", isReadOnly: true, mode: 0o700, owner: FileOwner(user: 5, group: 0))))
        #expect(all[1].kind == .bind(source: "./s/n", isReadOnly: false))
        #expect(all[2].kind == .memory(size: .mebibytes(64)))
        #expect(all[3].kind == .secret(.init(id: "k", isFile: false, variable: "KEY", isRequired: true, mode: 0o400, owner: .root)))
    }

    @Test(
        "that can't be are refused at their place",
        arguments: [
            "--mount=type=cache,id=x", "--mount=type=tmpfs", "--mount=source=a", "--mount=target=/", "--mount=target=..,source=a",
            "--mount=type=cache,target=/c,mode=999", "--mount=type=cache,target=/c,uid=4294967296", "--mount=type=cache,target=/c,gid=-1",
            "--mount=type=cache,target=/c,sharing=all", "--mount=type=tmpfs,target=/t,size=many", "--mount=target=/b,ro,rw",
            "--mount=target=/b,readonly=perhaps", "--mount=type=secret,id=k,env=a=b", "--mount=type=tmpfs,target=/t,size=0",
        ])
    func mistakes(flag: String) throws {
        let error = #expect(throws: BuildError.self) { try mounts(flag) }
        #expect(error?.code == "build.invalid-mount")
        #expect(error?.diagnostics.first?.location.line == 2)
    }

    @Test(
        "are told apart by a key, but not by what a secret or a cache holds",
        arguments: [
            ("--mount=type=cache,target=/c", "--mount=type=cache,target=/d"), ("--mount=type=tmpfs,target=/c", "--mount=type=cache,target=/c"),
            ("--mount=type=secret,id=a", "--mount=type=secret,id=a,mode=0444"), ("--mount=target=/a", "--mount=target=/a,rw"),
        ])
    func keys(one: String, other: String) throws {
        func key(_ flag: String) throws -> CacheKey {
            var key = CacheKey.Builder("test")
            for mount in try mounts(flag) { mount.append(to: &key) }
            return key.finish()
        }
        #expect(try key(one) != key(other))
        #expect(try key(one) == key(one))
    }

    @Test(
        "have sizes in Docker's spelling",
        arguments: [("64m", 64 << 20), ("1GiB", 1 << 30), ("1.5k", 1536), ("7", 7), ("2TB", 2 << 40)])
    func sizes(text: String, bytes: Int) { #expect(ByteSize(dockerText: text) == ByteSize(bytes)) }

    @Test("of the command line are read as Docker's")
    func commandLine() throws {
        #expect(try BuildSecret.parse("id=a,src=/x").secret == .file("/x"))
        #expect(try BuildSecret.parse("id=a,env=X").secret == .environment("X"))
        #expect(try BuildSecret.parse("type=env,id=a,src=X").secret == .environment("X"))
        #expect(try BuildSecret.parse("id=a").secret == .named("a"))
        #expect(try SSHSource.parse("default").source == .environment)
        #expect(try SSHSource.parse("default=/run/agent").source == .path("/run/agent"))
        #expect(try SSHSource.parse("k=/a,/b").source == .keys(["/a", "/b"]))
        #expect(throws: BuildError.self) { try BuildSecret.parse("src") }
        #expect(throws: BuildError.self) { try BuildSecret.parse("id=a,src=/x,env=Y") }
        #expect(throws: BuildError.self) { try SSHSource.parse("=x") }
    }
}
