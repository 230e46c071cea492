import ArgumentParser
import IngotModel
import Testing

@testable import ingot

@Suite struct CommandLineTests {
    @Test(
        "what the documentation shows is understood",
        arguments: [
            "init", "init -C services/shop --name shop --port 8080", "deploy production sha256:6c3c624b58db", "deploy shop/production v1.2.0",
            "deploy production 7 --detach", "deploy production 7 --lock-timeout 5m", "up --lock-timeout 30s", "status --explain",
            "status production --explain -o json",
            "deploy production 7 --explain",
            "lock production --reason x -- ./migrate.sh --force", "lock shop/production --reason x --for 2h", "lock production --reason x",
            "unlock production", "rollback production", "rollback production 7", "status", "status production",
            "status --output json", "history production", "history production --rollout 12", "events", "events --follow",
            "events --verify", "logs production --tail 20", "logs production -f", "logs production --instance 3f9a01c2", "image list",
            "image show guestbook", "image export guestbook --oci /tmp/guestbook", "image tag 6c3c624b58db guestbook:v1",
            "image tag --remove guestbook:v1", "image prune", "image diff a b", "image import x.tar --tag a:1", "image show guestbook --layers",
            "image list --on python:3.11", "image export g --docker-archive - --compression gzip", "base check b.yaml", "base list", "cache list",
            "cache prune",
            "cache prune --older-than 7d --keep 5GiB --dry-run",
            "build --annotation a=b --compression zstd --cache-from type=local,src=c --build-context x=../y --verify -",
            "base rebuild --stale --older-than 7d a.yaml b.yaml",
            "build --secret id=a,src=b --ssh default --network none --add-host a:1.2.3.4 -m 1g --cpus 2 .",
            "instance list", "instance show 3f9a01c2", "release list production",
            "release show production 7", "build", "build -t guestbook:v1 --build-arg MODE=fast", "build -f deploy/Dockerfile --target test .",
            "build --build-arg MODE --label a=b --progress plain -q --iidfile id --metadata-file m.json --output json -C x --manifest y.yaml .",
            "up -C services/shop", "base build bases/python.yaml", "serve --bind 127.0.0.1:8080 --root /srv/ingot", "shutdown --yes",
            "status --root /tmp/x -o json", "lint", "lint deploy/Dockerfile -o sarif", "lint --image guestbook --fail-at never --root /tmp/x",
            "assess", "assess -C services/shop --image guestbook -o json",
            "sign guestbook --key release", "sign guestbook --signer-command s --public-key p.pub",
            "serve --registry 127.0.0.1:5000 --registry-anonymous-pull", "serve --registry *:5000 --registry-certificate c.pem --registry-key k.pem",
            "serve --registry [::1]:5000 --registry-url https://registry.example.com", "registry token list", "registry token revoke ci",
            "registry token create ci --repository shop/* --push --expires 30d", "registry token create all --repository a --repository **",
            "why 6c3c624b58db production", "why 1.4.0 shop/production -o json", "promote staging production --lock-timeout 5m",
            "approve 6c3c624b58db production --reason x", "approve 6c3c624b58db production --override-freeze",
            "reject 6c3c624b58db production --reason x", "freeze production --reason x --until 2026-11-28",
            "freeze production --reason x --until 2026-11-28T08:00:00Z", "freeze shop/production --reason x --until 2h", "thaw production",
            "deploy production 7 --override-freeze --reason x", "build --build-number 42 --image-version 1.4.0-rc.1",
            "attest guestbook --key ci --type test --predicate r.json", "verify guestbook --key a.pub --key b --keys-needed 2 --type scan",
        ])
    func understood(line: String) throws {
        _ = try Ingot.parseAsRoot(line.split(separator: " ").map(String.init))
    }

    @Test(
        "what is not understood ends with 2",
        arguments: [
            "sign guestbook", "sign guestbook --key a --signer-command b --public-key c", "sign guestbook --signer-command b",
            "attest guestbook --key a", "why production", "approve 6c3c624b58db", "reject 6c3c624b58db production", "freeze production",
            "freeze production --reason x --until soon", "deploy production 7 --override-freeze", "deploy production 7 --reason x",
            "build --build-number -1", "build --image-version 1.4", "promote x",
            "verify guestbook", "verify guestbook --key a --keys-needed 2", "verify guestbook --key a --keys-needed 0", "key create",
            "deplyo", "deploy", "lock production", "lock production --reason x --for 2", "lock production --reason x --for 2h -- true",
            "deploy production 7 --lock-timeout soon", "deploy production 7 --explain --detach",
            "unlock", "lock production --reason x --for 999d", "deploy production", "deploy Production x", "rollback production x",
            "rollback production 0",
            "status --output xml", "events --verify --follow", "logs production --tail -1", "instance show xyz", "image tag a",
            "init --port 0", "init --name Shop!", "--nonsense",
            "build --build-arg =x", "build --progress fancy", "build --memory much", "build --cpus 0", "build --add-host a", "build --allow all",
            "base rebuild", "base rebuild --older-than 7d b.yaml", "base rebuild --stale --older-than 7 b.yaml", "image diff a",
            "image export a", "cache prune --keep much", "build --annotation a", "image export a --oci x --files y", "serve --bind 8080",
            "serve --bind a:0", "serve --log-level loud", "shutdown", "serve --registry 5000", "serve --registry a:b", "serve --registry ::1:5000",
            "serve --registry a:1 --registry-certificate c.pem", "serve --registry a:1 --registry-url registry.example.com/x",
            "serve --registry-key k.pem", "serve --registry-certificate c.pem --registry-key k.pem", "serve --registry-anonymous-pull",
            "serve --registry-insecure", "serve --registry-url https://registry.example.com",
            "registry token create ci", "registry token create --repository a", "registry token create ci --repository ../a",
            "registry token create ci --repository a --expires 0s", "registry token create ci --repository a --expires 999d",
            "base build", "lint --fail-at bad", "lint -o xml",
        ])
    func misunderstood(line: String) throws {
        let error = #expect(throws: (any Error).self) { try Ingot.parseAsRoot(line.split(separator: " ").map(String.init)) }
        #expect(CommandRun.exitCode(parsing: try #require(error)) == 2)
    }

    @Test(
        "help and version end with 0",
        arguments: ["--help", "--version", "deploy --help", "image --help", "image", "help deploy", "--generate-completion-script bash"])
    func help(line: String) async {
        #expect(await CommandRun.run(line.split(separator: " ").map(String.init)) == 0)
    }

    @Test("a daemon that is not there ends with 1")
    func noDaemon() async {
        #expect(await CommandRun.run(["status", "--root", "/nonexistent-\(UInt32.random(in: 0...UInt32.max))"]) == 1)
    }

    @Test("every command says what it is for, and those that do something show an example")
    func documented() {
        func check(_ command: any ParsableCommand.Type) {
            #expect(!command.configuration.abstract.isEmpty, "\(command)")
            if command is any IngotCommand.Type { #expect(command.configuration.discussion.contains("Example:\n  ingot "), "\(command)") }
            command.configuration.subcommands.forEach(check)
        }
        check(Ingot.self)
    }

    @Test("completion scripts can be made for each shell", arguments: [CompletionShell.bash, .zsh, .fish])
    func completion(shell: CompletionShell) {
        let script = Ingot.completionScript(for: shell)
        #expect(script.contains("rollback"))
        #expect(script.contains("export"))
    }

    @Test("a value given twice is the last one; a name alone is that of the environment")
    func namedValues() {
        let values = NamedValues.read(["A=1", "A=2=3", "B", "C", "D="]) { $0 == "B" ? "from outside" : nil }
        #expect(values == ["A": "2=3", "B": "from outside", "D": ""])
    }

    @Test("--output is the form of the answer for its two words, and a destination for all others")
    func outputOfBuild() throws {
        let flags = try #require(try Ingot.parseAsRoot(["build", "-o", "json", "--output", "type=oci,dest=x"]) as? Build)
        #expect(flags.options.output == .json)
        #expect(flags.display.destinations == ["type=oci,dest=x"])
    }

    @Test(
        "a few digits are the number of a release, more are a commit",
        arguments: [("7", "release:7"), ("123456", "release:123456"), ("1234567", "1234567"), ("v1", "v1"), ("latest", "latest"), ("", "")])
    func reference(text: String, wire: String) {
        #expect(Deploy.wire(text) == wire)
    }

    @Test(
        "an environment may name its service",
        arguments: [("production", nil, "production"), ("shop/dev", "shop", "dev")] as [(String, String?, String)])
    func environment(text: String, service: String?, name: String) throws {
        let argument = try #require(EnvironmentArgument(argument: text))
        #expect(argument.service?.name == service)
        #expect(argument.environment.name == name)
    }

    @Test(
        "a folder's name becomes a service's",
        arguments: [("My_Shop", "my-shop"), ("2nd-try", "nd-try"), ("shop--", "shop"), ("größe", "gr-e"), ("---", "")])
    func slug(folder: String, name: String) {
        #expect(Init.slug(folder) == name)
    }

    @Test("a look at a Dockerfile finds what the template needs")
    func survey() {
        let survey = DockerfileSurvey(
            """
            FROM python AS test
            FROM --platform=x python AS server
            EXPOSE 8080/tcp
            HEALTHCHECK CMD curl -f "http://localhost:8080/healthz" || exit 1
            """)
        #expect(survey.port == 8080)
        #expect(survey.testStage == "test")
        #expect(survey.readinessPath == "/healthz")
        #expect(DockerfileSurvey("FROM scratch\nEXPOSE $PORT").port == nil)
    }
}
