/// Something of the user's that runs at a point of a rollout, and whose failure sends the rollout back.
public struct RolloutHook: Hashable, Sendable, Codable {
    public enum Point: String, Hashable, Sendable, Codable, CaseIterable {
        /// Before anything changes.
        case before
        /// The new fleet is healthy and has no traffic yet; `INGOT_URL` is the address of one of its instances.
        case ready
        /// After each step of the path, once it has been watched.
        case step
        /// After the rollout has succeeded. Its failure is told, and changes nothing.
        case after
    }

    public enum Action: Hashable, Sendable, Codable {
        /// A command on this machine; exit code 0 is good.
        case command([String])
        /// An HTTP POST with the rollout as JSON; 200 to 299 is good.
        case http(String)
    }

    public var name: String
    public var point: Point
    public var action: Action
    public var deadline: Milliseconds

    public init(name: String, point: Point, action: Action, deadline: Milliseconds) {
        self.name = name
        self.point = point
        self.action = action
        self.deadline = deadline
    }
}

/// One run of a hook: it happens once for each of these, however often it is asked for.
public struct HookRun: Hashable, Sendable, Codable, Comparable {
    /// The rollout's number.
    public var rollout: Generation
    public var hook: String
    /// Which step of the path it belongs to, counted from 0.
    public var step: Int

    public init(rollout: Generation, hook: String, step: Int) {
        self.rollout = rollout
        self.hook = hook
        self.step = step
    }

    public static func < (left: Self, right: Self) -> Bool {
        (left.rollout.value, left.step, left.hook) < (right.rollout.value, right.step, right.hook)
    }
}

public struct HookResult: Hashable, Sendable, Codable {
    public var run: HookRun
    public var endedAt: Timestamp
    /// `nil` when it was good; else why not, with the end of its output.
    public var failure: String?

    public init(run: HookRun, endedAt: Timestamp, failure: String? = nil) {
        self.run = run
        self.endedAt = endedAt
        self.failure = failure
    }
}
