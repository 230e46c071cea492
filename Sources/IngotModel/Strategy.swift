/// How an environment moves from one release to another. Each is a path of fleet sizes and splits.
///
/// In JSON: the word alone where there is nothing to set (`"blue-green"`), else the word with its settings
/// (`{"rolling": {"surge": "25%", "unavailable": "0"}}`).
public enum Strategy: Hashable, Sendable {
    /// The old release ends before the new one starts: for what must never run twice.
    case recreate
    /// Instances trade places, some at a time.
    case rolling(RollingUpdate)
    /// The new release comes up whole beside the old one; then all traffic moves at once.
    case blueGreen
    /// The new release gets a growing share of the traffic, and is judged at each step.
    case canary(Canary)

    public static let words = ["recreate", "rolling", "blue-green", "canary"]

    public var word: String {
        switch self {
        case .recreate: "recreate"
        case .rolling: "rolling"
        case .blueGreen: "blue-green"
        case .canary: "canary"
        }
    }
}

/// How many instances may be there beyond the wished size, and how many may be missing from it, while they trade places.
public struct RollingUpdate: Hashable, Sendable, Codable {
    public var surge: InstanceShare
    public var unavailable: InstanceShare

    public init(surge: InstanceShare, unavailable: InstanceShare) {
        self.surge = surge
        self.unavailable = unavailable
    }
}

/// A number of instances, or a share of them: `2`, `25%`.
public enum InstanceShare: TextCodable, Hashable, Sendable, CustomStringConvertible {
    /// No more than an environment may have.
    case count(Int)
    /// 0 to 100.
    case percent(Int)

    public static let expectation = "a number of instances such as 2, or a share such as 25%"

    public init?(text: String) {
        let isPercent = text.hasSuffix("%")
        guard let number = Int(isPercent ? String(text.dropLast()) : text), number >= 0,
            number <= (isPercent ? 100 : SettingLimits.instances.upperBound)
        else { return nil }
        self = isPercent ? .percent(number) : .count(number)
    }

    public var description: String { text }

    public var text: String {
        switch self {
        case .count(let count): "\(count)"
        case .percent(let percent): "\(percent)%"
        }
    }

    /// Of a fleet's size, upwards: a surge of a part of an instance is one.
    public func roundedUp(of size: Int) -> Int {
        switch self {
        case .count(let count): count
        case .percent(let percent): (size * percent + 99) / 100
        }
    }

    /// Of a fleet's size, downwards: no more may be missing than was said.
    public func roundedDown(of size: Int) -> Int {
        switch self {
        case .count(let count): min(count, size)
        case .percent(let percent): size * percent / 100
        }
    }
}

/// The steps of a canary. The last one is always the whole of the traffic.
public struct Canary: Hashable, Sendable, Codable {
    public struct Step: Hashable, Sendable, Codable {
        /// The new release's share of the traffic.
        public var share: BasisPoints
        /// How long it is watched at this share; `nil` for the environment's soak.
        public var soak: Milliseconds?
        /// Whether it then waits for `ingot rollout promote`.
        public var waitsForPromotion: Bool

        public init(share: BasisPoints, soak: Milliseconds? = nil, waitsForPromotion: Bool = false) {
            self.share = share
            self.soak = soak
            self.waitsForPromotion = waitsForPromotion
        }
    }

    /// With growing shares.
    public var steps: [Step]
    /// Requests that go to the new release whatever its share is, as soon as it is healthy; `nil` for none.
    public var testers: TesterMark?
    /// Whether one visitor stays on one release (by a cookie) for as long as that has a share.
    public var isSticky: Bool

    public init(steps: [Step], testers: TesterMark? = nil, isSticky: Bool = false) {
        self.steps = steps
        self.testers = testers
        self.isSticky = isSticky
    }
}

/// How a tester's request is known: by a header or a cookie with this value.
public struct TesterMark: Hashable, Sendable, Codable {
    public enum Place: String, Sendable, Codable, CaseIterable { case header, cookie }

    public var place: Place
    /// A token of RFC 9110, section 5.6.2.
    public var name: String
    /// Visible ASCII without quotes, commas, semicolons and backslashes.
    public var value: String

    public init(place: Place, name: String, value: String) {
        self.place = place
        self.name = name
        self.value = value
    }
}

extension Strategy: Codable {
    private enum Key: String, CodingKey { case rolling, canary }

    public init(from decoder: any Decoder) throws {
        if let word = try? decoder.singleValueContainer().decode(String.self) {
            switch word {
            case "recreate": self = .recreate
            case "blue-green": self = .blueGreen
            default: throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "'\(word)' is no strategy"))
            }
            return
        }
        let container = try decoder.container(keyedBy: Key.self)
        if let rolling = try container.decodeIfPresent(RollingUpdate.self, forKey: .rolling) {
            self = .rolling(rolling)
        } else {
            self = .canary(try container.decode(Canary.self, forKey: .canary))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .recreate, .blueGreen:
            var container = encoder.singleValueContainer()
            try container.encode(word)
        case .rolling(let rolling):
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(rolling, forKey: .rolling)
        case .canary(let canary):
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(canary, forKey: .canary)
        }
    }
}
