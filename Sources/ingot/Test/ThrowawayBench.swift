import API
import Client
import Gates
import IngotModel

/// Throwaway instances of the daemon, with what they need beside them.
struct ThrowawayBench: TestBench {
    let client: Client
    let service: ServiceName
    let image: Digest
    /// After this time the daemon ends an instance that nobody has ended.
    let lifetime: Milliseconds

    private var peers: [String: InstanceID] = [:]
    private(set) var variables: [String: String] = [:]

    init(client: Client, service: ServiceName, image: Digest, lifetime: Milliseconds) {
        self.client = client
        self.service = service
        self.image = image
        self.lifetime = lifetime
    }

    /// Starts something that the instances need; they find it by its name.
    mutating func add(_ need: TestNeed, image: Digest) async throws {
        let started = try await ready("'\(need.name)', which the test needs,") {
            try await client.startThrowaway(ThrowawayRequest(image: image, lifetime: lifetime, need: need), of: service)
        }
        peers[need.name] = started.id
        variables[need.variable] = started.url.replacing("http://", with: "")
    }

    func endNeeds() async throws { try await endAll(peers.values) }

    // MARK: TestBench

    func start(recordsWrites: Bool) async throws -> TestInstance {
        let request = ThrowawayRequest(image: image, lifetime: lifetime, peers: peers, recordsWrites: recordsWrites)
        let started = try await ready("the instance") { try await client.startThrowaway(request, of: service) }
        return TestInstance(id: started.id, url: started.url)
    }

    @discardableResult
    func end(_ instance: InstanceID) async throws -> Timestamp {
        let told = Clock.now
        do {
            try await client.endThrowaway(instance, of: service)
        } catch let error as ClientError where error.code == "engine.instance-unknown" {
            // It has ended by itself, or its lifetime is over.
        }
        return told
    }

    func ending(of instance: InstanceID) async throws -> InstanceEnding? { try await client.throwaway(instance, of: service).ending }

    func setFrozen(_ isFrozen: Bool, _ instance: InstanceID) async throws {
        try await client.setFrozen(isFrozen, throwaway: instance, of: service)
    }

    func hindrance(of instance: InstanceID) async throws -> String? { try await client.hindrance(ofThrowaway: instance, of: service) }

    func writes(of instance: InstanceID) async throws -> WriteRecord { try await client.writes(ofThrowaway: instance, of: service) }

    /// That an instance does not get ready is a result of the test.
    private func ready(_ what: String, _ start: () async throws -> Throwaway) async throws -> Throwaway {
        do {
            return try await start()
        } catch let error as ClientError where error.code == "engine.not-ready" {
            throw TestInstanceNotReady(why: "\(what) did not get ready: \(error.message)", remedy: error.remedy)
        }
    }
}
