/// Every path that an instance wrote or tried to write, and the programs that it was seen to run.
///
/// A root that is read-only refuses what stands here with `place` `root`. What was written and removed again before anybody looked is not
/// in it, nor what file permissions refused.
public struct WriteRecord: Hashable, Sendable, Codable {
    public enum Moment: String, Hashable, Sendable, Codable, Comparable {
        /// Before the instance was ready.
        case start
        /// After that.
        case service
        public static func < (left: Self, right: Self) -> Bool { left == .start && right == .service }
    }

    public struct Path: Hashable, Sendable, Codable {
        public enum Place: String, Hashable, Sendable, Codable {
            /// The image's own file system: a release's instance may not write there.
            case root
            /// A path of `run.writable`, or `/dev/shm`.
            case writable
        }
        public enum Kind: String, Hashable, Sendable, Codable {
            case file, folder, link, removed, other
        }
        public var path: String
        public var place: Place
        public var kind: Kind
        public var bytes: Int
        /// Never empty; both when it was written at both.
        public var moments: [Moment]

        public init(path: String, place: Place, kind: Kind, bytes: Int, moments: [Moment]) {
            self.path = path
            self.place = place
            self.kind = kind
            self.bytes = bytes
            self.moments = moments
        }
    }

    public struct Program: Hashable, Sendable, Codable {
        /// The first words of its command line, at most four: `python3 /usr/bin/pip install`. Records of before have two.
        public var command: String
        public var moment: Moment
        public init(command: String, moment: Moment) {
            self.command = command
            self.moment = moment
        }
    }

    public static let keptPaths = 500
    public static let keptPrograms = 100

    /// By path; at most `keptPaths`.
    public var paths: [Path]
    /// How many more there were.
    public var omittedPaths: Int
    /// Those that ran when somebody looked: every few milliseconds until it was ready, then at the end. A short one may be missed.
    public var programs: [Program]

    public init(paths: [Path] = [], omittedPaths: Int = 0, programs: [Program] = []) {
        self.paths = paths
        self.omittedPaths = omittedPaths
        self.programs = programs
    }
}
