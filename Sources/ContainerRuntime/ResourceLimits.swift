public import IngotModel

/// What a container may use; `nil` is without a limit.
public struct ResourceLimits: Equatable, Sendable {
    public var memory: ByteSize?
    /// Thousandths of a processor.
    public var milliCPU: Int?
    public var processes: Int?

    public init(memory: ByteSize? = nil, milliCPU: Int? = nil, processes: Int? = nil) {
        self.memory = memory
        self.milliCPU = milliCPU
        self.processes = processes
    }

    public init(_ resources: IngotModel.Resources) {
        self.init(memory: resources.memory, milliCPU: resources.milliCPU, processes: resources.processes)
    }
}
