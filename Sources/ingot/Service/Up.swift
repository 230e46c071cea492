import API
import ArgumentParser
import Client
import Gates
import ImageBuild
import IngotModel

struct Up: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "up", abstract: "Build, test, and deploy to the first environment; follow it until it has ended.",
        discussion: """
            Tests that are stages of the Dockerfile are built; the others run against instances of their own, \
            whose address a command finds in INGOT_URL. What they said is recorded with the digest, so that the next environments \
            need only `ingot deploy`.

            Example:
              ingot up
              ingot up -C services/shop

            Ends with 0 when the new release serves, 1 when the rollout went back, 3 when a test failed or a gate said no.
            """)

    @Flag(help: "Run every step of the build, whatever the cache holds.") var noCache = false
    @OptionGroup var lock: LockOptions
    @OptionGroup var service: ServiceOptions
    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let specification = try service.manifest(console)
        let client = options.client
        // Asked first: a build of minutes is no way to find out that there is no daemon.
        _ = try await client.health()
        try await client.register(specification)
        try await checkLock(of: specification, client)
        let image = try await build(specification)
        let tests = TestRun(specification: specification, service: service, image: image, client: client, options: options)
        try await tests.run(specification.tests).check(again: "ingot up")
        guard let first = specification.environments.first else { return }
        let target = EnvironmentID(service: specification.service, environment: first.name)
        let token = try lock.token(for: target)
        let accepted = try await lock.waiting(for: target, console) {
            try await client.deploy("\(image)", to: target, isAutomatic: true, token: token)
        }
        try await RolloutFollower(client: client, console: console).follow(accepted)
    }

    /// Nor is a build of minutes a way to find out that somebody holds the environment.
    private func checkLock(of specification: ServiceSpecification, _ client: Client) async throws {
        guard lock.lockTimeout == nil, let first = specification.environments.first else { return }
        let target = EnvironmentID(service: specification.service, environment: first.name)
        guard try lock.token(for: target) == nil, let holder = try await client.status(of: target).lock else { return }
        throw CommandError.locked(target, by: holder)
    }

    private func build(_ specification: ServiceSpecification) async throws -> Digest {
        var request = ServiceBuild(specification: specification, folder: service.folder).request()
        request.ignoresCache = noCache
        let build = try LocalBuild(options)
        let result = try await build.run(request)
        let names = try await BuildTags(result, of: specification.service, in: service.folder).give(to: result.root, in: build.store, console)
        let view = BuildView(result, tags: request.tags + names)
        console.note("\(view.value.image.short) \(view.summary)")
        for notice in specification.gates.notices { console.note(notice) }
        return view.value.image
    }
}
