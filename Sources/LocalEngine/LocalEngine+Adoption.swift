import ContainerRuntime
import Engine
import Glibc
import IngotModel
import Logging
import Synchronization
import SystemPackage

extension LocalEngine {
    /// Ends what carries this engine's name and belongs to no instance that can be taken up.
    ///
    /// A container's owner is known by its bundle, the folder it was started from: two engines on one machine have
    /// different folders, and neither touches the other's.
    static func endOrphans(_ survey: InstanceSurvey, folder: EngineFolder, runtime: OCIRuntime) -> [Orphan] {
        var orphans: [Orphan] = []
        for (id, pid) in survey.strays {
            kill(pid, SIGKILL)
            endContainer(id)
            orphans.append(Orphan(id: id, what: "a supervisor (process \(pid)) without an instance"))
        }
        for identity in survey.lost where endContainer(identity.id) {
            orphans.append(Orphan(id: identity.id, what: "an instance of \(identity.specification.fleet) whose supervisor was killed"))
        }
        let known = Set(survey.running.map(\.identity.id) + survey.lost.map(\.id)).union(survey.strays.keys)
        for id in containers(under: folder.instances).subtracting(known).sorted() where endContainer(id) {
            orphans.append(Orphan(id: id, what: "a container without an instance"))
        }
        for name in survey.halfMade { removeHalfMade(name, folder) }
        return orphans
    }

    /// Kills a container by its control group and forgets it at the runtime.
    ///
    /// - Returns: whether anything of it was there.
    @discardableResult
    static func endContainer(_ id: InstanceID) -> Bool {
        let group = ControlGroup.instance(id.text)
        let state = runtimeState(of: id)
        let wasThere = !group.processes().isEmpty || SystemFile.exists(state)
        group.killAndRemove()
        SystemFile.removeTree(state)
        return wasThere
    }

    /// Where the runtime keeps what it knows of an instance's container.
    private static func runtimeState(of id: InstanceID) -> FilePath {
        FilePath(OCIRuntime.stateFolder).appending("ingot-\(id)")
    }

    /// The containers that the runtime knows and that were started from a folder of this engine.
    private static func containers(under instances: FilePath) -> Set<InstanceID> {
        let ids = SystemFile.names(in: FilePath(OCIRuntime.stateFolder)).compactMap { name in
            name.hasPrefix("ingot-") ? InstanceID(text: String(name.dropFirst(6))) : nil
        }
        return Set(
            ids.filter { id in
                let bundle = "\"\(instances.appending(id.text).string)\""
                let label = "\"bundle=\(instances.appending(id.text).string)\""
                // crun writes `status`, runc `state.json`.
                return ["status", "state.json"].contains { file in
                    let text = SystemFile.text(runtimeState(of: id).appending(file)) ?? ""
                    let plain = text.replacing("\\/", with: "/")
                    return plain.contains(bundle) || plain.contains(label)
                }
            })
    }

    private static func removeHalfMade(_ name: String, _ folder: EngineFolder) {
        if let id = InstanceID(text: name) { endContainer(id) }
        SystemFile.removeTree(folder.instances.appending(name))
        SystemFile.removeTree(folder.secrets.appending(name))
    }

    /// Takes what was found into the state: the running to be watched, the ended to be remembered, the firewall to hold them.
    func takeUp(_ survey: InstanceSurvey) throws {
        for (identity, exit) in survey.ended { remember(identity, exit) }
        for identity in survey.lost { remember(identity, .lost(at: clock.timestamp())) }
        let entries = survey.running.compactMap { try? firewallEntry(of: $0.identity) }
        firewallEntries.withLock { $0 = Dictionary(zip(survey.running.map(\.identity.id), entries), uniquingKeysWith: { $1 }) }
        try netfilter.runAndWait(firewall.install(entries))
        survey.running.forEach(takeUp)
        removeForgotten()
    }

    private func takeUp(_ found: InstanceSurvey.Running) {
        let identity = found.identity
        guard let address = IPv4Address(identity.address) else { return }
        // A throwaway instance's user waits for it no more.
        let isThrowaway = Throwaways.owns(identity.specification.fleet)
        let adoption = Adoption(
            id: identity.id, address: address, specification: identity.specification, generation: identity.generation,
            startedAt: identity.createdAt, isEnding: found.isEnding || isThrowaway)
        let moment = clock.moment
        state.withLock { $0.adopt(adoption, at: moment) }
        let supervisor = SupervisorProcess(pid: found.pid, startTime: found.startTime) { [weak self] in
            self?.supervisorEnded(identity.id)
        }
        guard let supervisor else {
            supervisorEnded(identity.id)
            return
        }
        supervisors.withLock { $0[identity.id] = supervisor }
        if adoption.isEnding { stop(identity.id) }
        logger.info("instance taken up", metadata: ["instance": "\(identity.id)", "fleet": "\(identity.specification.fleet)"])
    }

    private func firewallEntry(of identity: InstanceIdentity) throws(EngineError) -> FirewallEntry {
        guard let address = IPv4Address(identity.address) else { throw .stateBroken(identity.id.text, "no address") }
        return try Self.firewallEntry(identity.id, address, identity.specification.run.egress, peers: identity.specification.peers)
    }

    static func firewallEntry(
        _ id: InstanceID, _ address: IPv4Address, _ egress: Egress, peers: [InstancePeer] = []
    ) throws(EngineError) -> FirewallEntry {
        let rules = try EgressRule.rules(of: egress, nameServers: HostNetwork.nameServers())
        let peerRules = try EgressRule.rules(of: .only(peers.map { "\($0.address):\($0.port)" }), nameServers: [])
        return FirewallEntry(instance: id, address: address, reachesInternet: egress == .internet, rules: rules, peers: peerRules)
    }
}
