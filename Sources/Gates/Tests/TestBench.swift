public import IngotModel

/// Where a test gets throwaway instances of the image under test, with what they need beside them.
public protocol TestBench: Sendable {
    /// What a test's command is told of the needs: `INGOT_REDIS_ADDRESS`.
    var variables: [String: String] { get }
    /// Returns when the instance is ready.
    ///
    /// - Throws: `TestInstanceNotReady` when it can't be.
    func start(recordsWrites: Bool) async throws -> TestInstance
    /// Tells it to end, as at the end of a release's instance, and does not wait for that. No error when it has ended already.
    ///
    /// - Returns: when it was told.
    @discardableResult
    func end(_ instance: InstanceID) async throws -> Timestamp
    /// How it ended; `nil` while it runs.
    func ending(of instance: InstanceID) async throws -> InstanceEnding?
    /// Lets all its processes stand still, or go on.
    func setFrozen(_ isFrozen: Bool, _ instance: InstanceID) async throws
    /// Asks its readiness check once; `nil` when it is ready, else what is in the way.
    func hindrance(of instance: InstanceID) async throws -> String?
    /// What it has written; it must have been started with `recordsWrites`.
    func writes(of instance: InstanceID) async throws -> WriteRecord
}

public struct TestInstance: Hashable, Sendable {
    public var id: InstanceID
    /// `http://10.66.0.9:8080`
    public var url: String
    public init(id: InstanceID, url: String) {
        self.id = id
        self.url = url
    }
}

/// The image's instance, or something that it needs, did not get ready: a result of the test, and no mistake of ours.
public struct TestInstanceNotReady: Error {
    public var why: String
    public var remedy: String?
    public init(why: String, remedy: String?) {
        self.why = why
        self.remedy = remedy
    }
}

extension TestBench {
    /// Gives an instance to a test and ends it, whatever comes, also when the task is cancelled.
    func withInstance<Result: Sendable>(recordsWrites: Bool = false, _ body: (TestInstance) async throws -> Result) async throws -> Result {
        let instance = try await start(recordsWrites: recordsWrites)
        let result: Swift.Result<Result, any Error>
        do { result = .success(try await body(instance)) } catch { result = .failure(error) }
        // A task of its own is not cancelled with this one.
        let ended = await Task { _ = try await end(instance.id) }.result
        // Why the test could not go on says more than that its instance could not be ended.
        let value = try result.get()
        try ended.get()
        return value
    }

    /// Ends all of them, also when one can't be ended.
    ///
    /// - Throws: the first error there was.
    public func endAll(_ instances: some Sequence<InstanceID>) async throws {
        var first: (any Error)?
        for instance in instances {
            do { try await end(instance) } catch { first = first ?? error }
        }
        if let first { throw first }
    }
}
