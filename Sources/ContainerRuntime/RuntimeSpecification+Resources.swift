import IngotModel

extension RuntimeSpecification {
    /// Limits of the control group. Source: `config-linux.md`, "Control groups".
    public struct Resources: Encodable, Equatable, Sendable {
        public var devices: [DeviceRule]
        public var memory: Memory?
        public var cpu: CPU?
        public var pids: Pids?

        public struct DeviceRule: Encodable, Equatable, Sendable {
            public var allow: Bool
            public var access: String
        }
        /// In bytes. Swap counts memory and swap together, so equal numbers mean no swap.
        public struct Memory: Encodable, Equatable, Sendable {
            public var limit: Int
            public var swap: Int
        }
        /// Microseconds of processor time in each period of microseconds.
        public struct CPU: Encodable, Equatable, Sendable {
            public var quota: Int
            public var period: Int
        }
        public struct Pids: Encodable, Equatable, Sendable {
            public var limit: Int
        }

        /// All devices are denied; runtimes add those that every container has (`config-linux.md`, "Default Devices").
        init(_ limits: ResourceLimits) {
            devices = [DeviceRule(allow: false, access: "rwm")]
            memory = limits.memory.map { Memory(limit: $0.bytes, swap: $0.bytes) }
            cpu = limits.milliCPU.map { CPU(quota: Self.quota(milliCPU: $0), period: Self.period) }
            pids = limits.processes.map { Pids(limit: $0) }
        }

        /// Bounded on both sides: the kernel refuses less, and more than a million is without a limit on any machine.
        static func quota(milliCPU: Int) -> Int {
            max(smallestQuota, min(max(milliCPU, 0), 1_000_000) * (period / 1_000))
        }

        /// The kernel's default period.
        static let period = 100_000
        /// The kernel refuses a smaller one (`kernel/sched/core.c`, `min_cfs_quota_period`).
        static let smallestQuota = 1_000
    }
}
