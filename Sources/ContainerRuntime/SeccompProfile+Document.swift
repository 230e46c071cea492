extension SeccompProfile {
    /// The file, as far as it matters. Keys that are not here are comments or repeat these.
    struct Document: Decodable, Equatable, Sendable {
        var defaultAction: String
        var defaultErrnoRet: Int?
        var archMap: [Architecture]?
        var syscalls: [ConditionalRule]
    }

    struct Architecture: Decodable, Equatable, Sendable {
        var architecture: String
        var subArchitectures: [String]?
    }

    struct ConditionalRule: Decodable, Equatable, Sendable {
        /// Older profiles have one `name` in each rule.
        var name: String?
        var names: [String]?
        var action: String
        var errnoRet: Int?
        var args: [SeccompFilter.Argument]?
        var includes: Condition?
        var excludes: Condition?

        /// All that it includes is there and nothing of what it excludes.
        func holds(capabilities: Set<String>, architecture: String, kernel: KernelVersion) -> Bool {
            let names = Self.names(of: architecture)
            if let excludes {
                if excludes.caps?.contains(where: capabilities.contains) == true { return false }
                if excludes.arches?.contains(where: names.contains) == true { return false }
                if let oldest = excludes.oldestKernel, kernel >= oldest { return false }
            }
            if let includes {
                if let caps = includes.caps, !capabilities.isSuperset(of: caps) { return false }
                if let arches = includes.arches, !arches.isEmpty, names.isDisjoint(with: arches) { return false }
                if let oldest = includes.oldestKernel, kernel < oldest { return false }
            }
            return true
        }

        var rule: SeccompFilter.Rule {
            let arguments = args.flatMap { $0.isEmpty ? nil : $0 }
            return .init(names: names ?? name.map { [$0] } ?? [], action: action, errnoRet: errnoRet, args: arguments)
        }

        /// A rule may name an architecture as Go does or as libseccomp does.
        private static func names(of architecture: String) -> Set<String> {
            Set([architecture, SeccompProfile.seccompNames[architecture]].compactMap(\.self))
        }
    }

    struct Condition: Decodable, Equatable, Sendable {
        var caps: [String]?
        var arches: [String]?
        /// The oldest kernel for which it holds, such as `4.8`.
        var minKernel: String?

        var oldestKernel: KernelVersion? { minKernel.flatMap(KernelVersion.init(text:)) }
    }
}
