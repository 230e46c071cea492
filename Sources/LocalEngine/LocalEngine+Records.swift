import Engine
import Glibc
import ImageStore
public import IngotModel
import Synchronization
import SystemPackage

extension LocalEngine {
    /// All instances on record: those that run, then those that have ended, newest first.
    public func instances() -> [InstanceRecord] {
        let protection = rootProtection
        let living = state.withLock { Array($0.instances.values) }.sorted { $0.order > $1.order }
        let ended = ended.withLock { $0.records }.reversed()
        return living.map { record($0, protection) } + ended.map { record($0, protection) }
    }

    /// - Throws: `engine.instance-unknown`.
    public func instance(_ id: InstanceID) throws -> InstanceRecord {
        guard let record = instances().first(where: { $0.id == id }) else { throw EngineError.instanceUnknown(id) }
        return record
    }

    private func record(_ instance: FleetStateMachine.Instance, _ protection: String) -> InstanceRecord {
        let launch = instance.launch
        let state = InstanceReading.state(folder.instance(launch.id))
        return InstanceRecord(
            id: launch.id, fleet: launch.fleet, image: launch.specification.image, state: Self.state(of: instance),
            startedAt: state?.startedAt ?? launch.decidedAt, endedAt: nil, ending: nil,
            endpoint: Endpoint(address: "\(launch.address)", port: launch.specification.run.port),
            processID: state.map { Int($0.initPID) }, rootProtection: protection)
    }

    private func record(_ ended: EndedInstances.Ended, _ protection: String) -> InstanceRecord {
        let identity = ended.identity
        let state = InstanceReading.state(folder.instance(identity.id))
        return InstanceRecord(
            id: identity.id, fleet: identity.specification.fleet, image: identity.specification.image, state: .ended,
            startedAt: state?.startedAt ?? identity.createdAt, endedAt: ended.exit.endedAt, ending: ended.exit.words,
            endpoint: Endpoint(address: identity.address, port: identity.specification.run.port),
            processID: nil, rootProtection: protection)
    }

    private static func state(of instance: FleetStateMachine.Instance) -> InstanceRecord.State {
        switch instance.phase {
        case .starting: .starting
        case .running: .running
        case .ending: .ending
        }
    }

    /// Asked anew each time: it can change with the file system under the store.
    private var rootProtection: String {
        (try? ImageStore.rootProtection(root: store.root))?.rawValue ?? "unknown"
    }

    /// Ends all instances and takes away everything that the engine has put on this machine: mounts, the firewall's table,
    /// the address range, its folder. For uninstalling, and for tests. `run()` need not be running.
    public func removeEverything() async {
        isRemoved.withLock { $0 = true }
        let living = state.withLock { Array($0.instances.keys) }
        for id in living { await endByForce(id) }
        supervisors.withLock { $0 = [:] }
        let survey = InstanceSurvey(folder, now: clock.timestamp())
        await Self.onOwnThread { [folder, runtime] in
            for found in survey.running {
                kill(found.pid, SIGKILL)
                Self.endContainer(found.identity.id)
            }
            _ = Self.endOrphans(survey, folder: folder, runtime: runtime)
        }
        try? await netfilter.run(firewall.remove())
        HostNetwork.release(addressRange)
        SecretFolder.remove(folder.secrets)
        SystemFile.removeTree(folder.path)
    }
}
