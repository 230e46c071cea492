import ImageStore
import IngotModel

/// A stage as far as it has been built: what an instruction starts from, and what it changes.
struct StageState: Sendable {
    var settings = ImageConfiguration.Settings()
    var architecture = ImageConfiguration.hostArchitecture
    var variant: String?
    /// From MAINTAINER; inherited from the base.
    var author: String?
    /// The image that the lowest layers are of.
    var base: BaseReference?
    var layers: [Layer] = []
    var history: [ImageConfiguration.History] = []
    var date: SourceDate
    /// What ARG has set in this stage.
    var arguments: [String: String] = [:]
    /// Whether CMD stood in this stage: a new ENTRYPOINT takes the base's CMD away, not this one's.
    var hasCommand = false
    /// Labels that stood in a Dockerfile of this build, not in an image below it.
    var setLabels: Set<String> = []

    static let path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    static let shell = ["/bin/sh", "-c"]

    /// `FROM scratch`.
    static func scratch(_ platform: Platform = .host) -> StageState {
        var state = StageState(date: SourceDate(second: SourceRevision.undatedSecond, isOfCommit: false))
        state.settings.environment = [path]
        state.settings.workingFolder = "/"
        state.platform = platform
        return state
    }

    /// `FROM` an image of the store.
    init(_ image: Image) {
        let created = image.configuration.created.flatMap(Timestamp.init(text:))?.secondsSince1970
        date = SourceDate(second: max(0, created ?? SourceRevision.undatedSecond), isOfCommit: false)
        settings = image.configuration.config
        architecture = image.configuration.architecture
        variant = image.configuration.variant
        author = image.configuration.author
        layers = image.layers
        history = image.configuration.history
        if settings.workingFolder?.isEmpty != false { settings.workingFolder = "/" }
        // What it asks of stages that stand on it is carried out in this one, and not handed on.
        settings.onBuild = nil
        if environment["PATH"] == nil { settings.environment = (settings.environment ?? []) + [Self.path] }
    }

    init(date: SourceDate) { self.date = date }

    /// `FROM` an image of the store, by the name that it is asked for.
    init(_ image: Image, named name: String) {
        self.init(image)
        base = BaseReference(name: name, digest: image.digest, layerCount: image.layers.count)
    }

    /// What a stage that is built `FROM` this one starts with. It sees the arguments too: so the Dockerfile reference has it.
    var asBase: StageState {
        var state = self
        state.hasCommand = false
        state.settings.onBuild = nil
        return state
    }

    var platform: Platform {
        get { Platform(architecture: architecture, variant: variant) }
        set {
            architecture = newValue.architecture
            variant = newValue.variant
        }
    }

    /// The environment as values; the last of a name that stands twice counts.
    var environment: [String: String] {
        var values: [String: String] = [:]
        for entry in settings.environment ?? [] {
            let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            values[String(parts[0])] = parts.count == 2 ? String(parts[1]) : ""
        }
        return values
    }

    /// What expansion sees: the environment, and over it the arguments that came after it. An ENV takes the argument of its name away.
    var variables: [String: String] { environment.merging(arguments) { _, argument in argument } }

    var workingFolder: String { settings.workingFolder ?? "/" }
    var shellCommand: [String] { settings.shell ?? Self.shell }
    var diffIDs: [Digest] { layers.map(\.diffID) }

    /// Notes an instruction in the history; `layer` is what it made, `nil` when nothing.
    mutating func record(_ text: String, layer: Layer?) {
        if let layer { layers.append(layer) }
        let created = Timestamp(secondsSince1970: date.second).text
        history.append(.init(created: created, createdBy: text, emptyLayer: layer == nil ? true : nil))
    }
}

/// The image of the store on which a stage stands, itself or through other stages.
struct BaseReference: Hashable, Sendable {
    /// As the Dockerfile has it, its variables filled in.
    var name: String
    var digest: Digest
    var layerCount: Int
}

/// The time that files of a layer get, and where it comes from.
///
/// A layer into which nothing of the commit went carries the date of the base that it stands on, so that it is the
/// same layer in the next commit and is not made again: `apt-get install` before the first COPY, for one. From the
/// first file of the context on, a stage has the commit's date.
struct SourceDate: Hashable, Sendable {
    /// Since 1970.
    var second: Int
    var isOfCommit: Bool

    /// What holds after files of another stage or image were put in: the commit's date, once there is one, else the later.
    func joined(_ other: SourceDate) -> SourceDate {
        if isOfCommit || other.isOfCommit { return isOfCommit ? self : other }
        return SourceDate(second: max(second, other.second), isOfCommit: false)
    }
}
