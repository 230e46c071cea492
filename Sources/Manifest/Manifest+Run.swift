import IngotModel
import Yams

/// Reads the section `run`.
struct RunReader {
    private let root: MappingReader
    private let run: MappingReader

    init(_ root: MappingReader) {
        self.root = root
        run = root.section("run", known: Grammar.run.names)
    }

    func settings() -> RunSettings? {
        guard root.has("run") else {
            root.reportMissing("run", hint: "add 'run:' with at least the 'port:' at which the service listens")
            return nil
        }
        let port = run.required("port", .integer(SettingLimits.port), hint: "add 'port:' with the TCP port at which the service listens")
        let settings = RunSettings(
            port: port ?? 0, command: run.command("command", hint: "leave it out to keep the image's"), readiness: readiness(),
            stopGrace: stopGrace(), resources: resources(),
            writable: run.list("writable", .writablePath, limit: SettingLimits.writable) ?? [],
            configurationKeys: run.list("configuration", .variableName, limit: Manifest.Limit.listEntries) ?? [],
            secretNames: run.list("secrets", .fileName, limit: Manifest.Limit.listEntries) ?? [],
            allowsRoot: run.value("root", .word(["allowed"])) != nil,
            capabilities: run.list("capabilities", .capability, limit: SettingLimits.capabilities) ?? [],
            egress: egress())
        return port == nil ? nil : settings
    }

    private func readiness() -> Readiness {
        let section = run.section("readiness", known: Grammar.readiness.names)
        let interval = ValueForm<Milliseconds>.duration(SettingLimits.checkTimes)
        return Readiness(
            path: section.value("path", .requestPath),
            startInterval: section.value("start-interval", interval) ?? Defaults.startInterval.value,
            interval: section.value("interval", interval) ?? Defaults.checkInterval.value,
            timeout: section.value("timeout", interval) ?? Defaults.checkTimeout.value,
            rise: section.value("rise", .integer(SettingLimits.checksInRow)) ?? Defaults.rise.value,
            fall: section.value("fall", .integer(SettingLimits.checksInRow)) ?? Defaults.fall.value)
    }

    private func stopGrace() -> Milliseconds {
        run.section("stop", known: Grammar.stop.names).value("grace", .duration(SettingLimits.stopGrace)) ?? Defaults.stopGrace.value
    }

    private func resources() -> Resources {
        let section = run.section("resources", known: Grammar.resources.names)
        return Resources(
            memory: section.value("memory", .size(SettingLimits.memory)) ?? Defaults.memory.value,
            milliCPU: section.value("cpu", .processors) ?? Defaults.processors.value.count,
            processes: section.value("processes", .integer(SettingLimits.processes)) ?? Defaults.processes.value)
    }

    private func egress() -> Egress {
        guard let node = run.node("egress") else { return Defaults.egress.value }
        if node.sequence != nil {
            return .only(run.list("egress", .destination, limit: Manifest.Limit.listEntries) ?? [])
        }
        let word = run.value("egress", .word(["none", "internet"]))
        return word == "none" ? .none : .internet
    }
}
