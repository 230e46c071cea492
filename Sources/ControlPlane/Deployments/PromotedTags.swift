public import IngotModel
import Synchronization

/// The tags of the environments there are, for whoever names images beside the daemon's API, such as its registry: those move by promotion only.
public final class PromotedTags: Sendable {
    private let names = Mutex<Set<String>>([])

    public init() {}

    public func contains(_ name: String) -> Bool { names.withLock { $0.contains(name) } }

    func add(_ environments: some Sequence<EnvironmentID>) {
        let new = environments.map { EnvironmentTags.name(of: $0) }
        names.withLock { $0.formUnion(new) }
    }
}
