public import IngotModel

/// The steps by which traffic moves to a release. Every strategy is such a path; rolling's single step is reached by instances that
/// trade places (see `PlanningPass.roll`), the others' by starting what a step needs and then moving the split.
public struct RolloutPath: Hashable, Sendable {
    public struct Step: Hashable, Sendable {
        /// The new release's share of the traffic.
        public var share: BasisPoints
        /// How many instances of the new release carry it.
        public var size: Int
        public var soak: Milliseconds
        public var waitsForPromotion: Bool
    }

    /// Never empty; the last one is the whole of the traffic and of the fleet.
    public var steps: [Step]

    /// - Parameters:
    ///   - size: of the whole fleet.
    ///   - isStraight: one step and no soak: a rollback, whose release was proved before.
    public init(_ strategy: Strategy, size: Int, soak: Milliseconds, isStraight: Bool = false) {
        let whole = Step(share: .whole, size: size, soak: isStraight ? 0 : soak, waitsForPromotion: false)
        guard case .canary(let canary) = strategy, !isStraight else {
            steps = [whole]
            return
        }
        steps = canary.steps.filter { $0.share < .whole }.map { step in
            Step(
                share: step.share, size: Self.size(carrying: step.share, of: size), soak: step.soak ?? soak,
                waitsForPromotion: step.waitsForPromotion)
        }
        let last = canary.steps.last { $0.share == .whole }
        steps.append(Step(share: .whole, size: size, soak: last?.soak ?? soak, waitsForPromotion: last?.waitsForPromotion ?? false))
    }

    /// The same part of the fleet as of the traffic, at least one instance.
    static func size(carrying share: BasisPoints, of size: Int) -> Int {
        max(min(1, size), (size * share.value + BasisPoints.whole.value - 1) / BasisPoints.whole.value)
    }

    subscript(step: Int) -> Step { steps[min(max(0, step), steps.count - 1)] }

    func isLast(_ step: Int) -> Bool { step >= steps.count - 1 }
}
