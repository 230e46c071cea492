import ImageStore
import IngotModel

extension StageState {
    /// Carries out an instruction that changes settings only.
    ///
    /// - Returns: `false` for those that make a layer: COPY, RUN, WORKDIR.
    mutating func apply(_ instruction: Instruction, globals: GlobalArguments, escape: Character) throws(BuildError) -> Bool {
        // Frozen for the length of the instruction: `ENV a=1 b=$a` sees the older `a`.
        let expansion = VariableExpansion(variables, escape: escape)
        switch instruction.kind {
        case .argument(let declarations): try declare(declarations, globals: globals, escape: escape)
        case .environment(let pairs): for pair in pairs { set(try expansion.expand(pair.name), try expansion.expand(pair.value)) }
        case .label(let pairs): try label(pairs, expansion)
        case .user(let word): settings.user = try nonEmpty(word, expansion, "USER")
        case .expose(let words): for word in words { try expose(word, expansion) }
        case .entrypoint(let command):
            settings.entrypoint = command == .exec([]) ? nil : arguments(of: command)
            if !hasCommand { settings.command = nil }
        case .command(let command):
            settings.command = arguments(of: command)
            hasCommand = true
        case .stopSignal(let word): settings.stopSignal = try signal(word, expansion)
        case .healthCheck(let check): settings.healthcheck = healthCheck(check)
        case .shell(let shell): settings.shell = shell
        case .volume(let words):
            for word in words { settings.volumes = (settings.volumes ?? [:]).setting(try nonEmpty(word, expansion, "VOLUME"), .init()) }
        case .onBuild(let text): settings.onBuild = (settings.onBuild ?? []) + [text]
        // Its variables stay as they are: so BuildKit has it.
        case .maintainer(let word): author = word.raw
        case .copy, .run, .workingFolder: return false
        }
        record(instruction.text, layer: nil)
        return true
    }

    private mutating func declare(_ declarations: [ArgumentDeclaration], globals: GlobalArguments, escape: Character) throws(BuildError) {
        for declaration in declarations {
            // One after the other: `ARG a=1 b=$a` sees the new `a`.
            let expansion = VariableExpansion(variables, escape: escape)
            let own: String? = if let value = declaration.value { try expansion.expand(value) } else { nil }
            arguments[declaration.name] = globals.given[declaration.name] ?? own ?? globals.declared[declaration.name]
        }
    }

    /// Replaces a variable where it stands, or adds it at the end.
    private mutating func set(_ name: String, _ value: String) {
        var environment = settings.environment ?? []
        if let place = environment.firstIndex(where: { $0.hasPrefix("\(name)=") }) {
            environment[place] = "\(name)=\(value)"
        } else {
            environment.append("\(name)=\(value)")
        }
        settings.environment = environment
    }

    private mutating func label(_ pairs: [NamedWord], _ expansion: VariableExpansion) throws(BuildError) {
        for pair in pairs {
            let name = try expansion.expand(pair.name)
            settings.labels = (settings.labels ?? [:]).setting(name, try expansion.expand(pair.value))
            setLabels.insert(name)
        }
    }

    private func nonEmpty(_ word: Word, _ expansion: VariableExpansion, _ keyword: String) throws(BuildError) -> String {
        let value = try expansion.expand(word)
        guard !value.isEmpty else { throw BuildError("value-empty", at: word.location, "\(keyword) is empty after its variables are filled in") }
        return value
    }

    /// `80`, `80/udp`, `8000-8010/tcp`; several in one word after expansion.
    private mutating func expose(_ word: Word, _ expansion: VariableExpansion) throws(BuildError) {
        for text in try expansion.expand(word).split(separator: " ") {
            guard let ports = ExposedPorts(String(text)) else {
                throw BuildError("invalid-port", at: word.location, "'\(text.prefix(40))' is not a port", hint: "write 80, 80/udp or 8000-8010")
            }
            for name in ports.names { settings.exposedPorts = (settings.exposedPorts ?? [:]).setting(name, .init()) }
        }
    }

    private func signal(_ word: Word, _ expansion: VariableExpansion) throws(BuildError) -> String {
        let value = try expansion.expand(word)
        let isNumber = Int(value).map { (1...64).contains($0) } ?? false
        let isName = !value.isEmpty && value.utf8.allSatisfy { (65...90).contains($0) || (48...57).contains($0) || $0 == 43 || $0 == 45 }
        guard isNumber || (isName && Int(value) == nil) else {
            throw BuildError("invalid-signal", at: word.location, "'\(value.prefix(40))' is not a signal", hint: "write SIGTERM or 15")
        }
        return value
    }

    /// The program and its arguments; a line for the shell behind the shell's own.
    func arguments(of command: Command) -> [String] {
        switch command {
        case .shell(let line): shellCommand + [line]
        case .exec(let list): list
        }
    }

    private func healthCheck(_ check: HealthCheck) -> ImageConfiguration.Healthcheck {
        let test: [String] =
            switch check.command {
            case nil: ["NONE"]
            case .shell(let line): ["CMD-SHELL", line]
            case .exec(let list): ["CMD"] + list
            }
        return ImageConfiguration.Healthcheck(
            test: test, interval: check.interval?.nanoseconds, timeout: check.timeout?.nanoseconds, startPeriod: check.startPeriod?.nanoseconds,
            startInterval: check.startInterval?.nanoseconds, retries: check.retries)
    }
}

extension Duration {
    /// Whole ones, of a length that Go can hold.
    fileprivate var nanoseconds: Int { Int(clamping: attoseconds / 1_000_000_000) }
}

extension Dictionary {
    func setting(_ key: Key, _ value: Value) -> Self {
        var copy = self
        copy[key] = value
        return copy
    }
}

/// What EXPOSE names, one by one: `80/tcp`.
struct ExposedPorts {
    var names: [String]
    /// More ports than this in one range are a mistake.
    static let longestRange = 1_000

    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let transport = parts.count == 2 ? parts[1].lowercased() : "tcp"
        guard parts.count <= 2, ["tcp", "udp", "sctp"].contains(transport) else { return nil }
        let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard (1...2).contains(ends.count), let low = ends[0], let high = ends[ends.count - 1], low <= high,
            (1...65_535).contains(low), high <= 65_535, high - low < Self.longestRange
        else { return nil }
        names = (low...high).map { "\($0)/\(transport)" }
    }
}
