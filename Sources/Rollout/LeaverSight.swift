import IngotModel

/// What is seen of the instances that leave. Made once a pass, so that they are looked up and not searched for: all of a fleet may leave at once.
struct LeaverSight {
    private let instances: [ReleaseNumber: [InstanceID: InstanceObservation]]
    private let asked: Set<InstanceID>

    /// - Parameter asked: those that the router was last told of.
    init(of leavers: [Leaving], in observation: Observation, asked: [LeavingInstance]) {
        let releases = Set(leavers.map(\.release))
        instances = releases.reduce(into: [:]) { found, release in
            found[release] = Dictionary(observation.fleet(release).instances.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        }
        self.asked = Set(asked.map(\.instance))
    }

    /// `nil` when it is not there.
    func instance(of leaver: Leaving) -> InstanceObservation? { instances[leaver.release]?[leaver.instance] }

    func isAsked(_ instance: InstanceID) -> Bool { asked.contains(instance) }
}
