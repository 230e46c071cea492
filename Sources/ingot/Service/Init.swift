import ArgumentParser
import IngotModel
import Manifest
import SystemPackage

struct Init: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "init", abstract: "Write ingot.yaml for the service in this folder, with comments.",
        discussion: """
            The name comes from the folder, the port, test stage and readiness path from the Dockerfile. A file that is \
            there already is never replaced.

            Example:
              ingot init
              ingot init -C services/shop --name shop --port 8080
            """)

    @Option(help: "The service's name; the folder's if left out.") var name: String?
    @Option(help: "The port it listens at; what the Dockerfile exposes if left out.") var port: Int?
    @OptionGroup var service: ServiceOptions
    @OptionGroup var options: GlobalOptions

    struct Answer: Encodable {
        var file: String
        var service: String
        var port: Int
    }

    func validate() throws {
        if let port, !(1...65_535).contains(port) { throw ValidationError("--port takes a number from 1 to 65535, not \(port).") }
        if let name, ServiceName(name) == nil { throw ValidationError("'\(name)' is not \(ServiceName.expectation).") }
    }

    func run() async throws {
        let survey = try survey()
        let template = ManifestTemplate(
            service: try serviceName(), port: port ?? survey.port ?? 8_080, testStage: survey.testStage, readinessPath: survey.readinessPath)
        guard try LocalFile.create(service.manifestPath, template.text) else {
            throw CommandError(
                "manifest-exists", "\(service.manifestPath) is there already", remedy: "change it, or take it away first")
        }
        console.show(
            InitView(value: Answer(file: service.manifestPath, service: template.service.name, port: template.port), hasDockerfile: survey.isThere))
    }

    private func survey() throws -> DockerfileSurvey {
        let path = service.directory == "." ? "Dockerfile" : "\(service.directory)/Dockerfile"
        guard let text = try LocalFile.read(path, limit: .mebibytes(1)) else { return DockerfileSurvey() }
        return DockerfileSurvey(text)
    }

    private func serviceName() throws -> ServiceName {
        if let name, let given = ServiceName(name) { return given }
        let folder = service.folder.lastComponent?.string ?? ""
        guard let name = ServiceName(Self.slug(folder)) else {
            throw CommandError("no-name", "no service name can be made from the folder's name '\(folder)'", remedy: "give one with --name")
        }
        return name
    }

    /// A folder's name as a service's: `My_Shop` becomes `my-shop`.
    static func slug(_ name: String) -> String {
        let letters = name.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
        return String(letters).split(separator: "-").joined(separator: "-").drop { !$0.isLetter }.prefix(ServiceName.longest)
            .description.trimmingHyphens
    }
}

extension String {
    fileprivate var trimmingHyphens: String { String(reversed().drop { $0 == "-" }.reversed()) }
}

struct InitView: View {
    var value: Init.Answer
    var hasDockerfile: Bool

    func lines(_ style: TextStyle) -> [String] {
        ["wrote \(value.file) for service \(value.service) at port \(value.port)"]
            + [hasDockerfile ? "next: look at it, commit it, then `ingot up`" : "next: write a Dockerfile, then `ingot up`"]
    }
}

/// What a first look at a Dockerfile tells of a service. A guess, for a template that a person reads.
struct DockerfileSurvey: Equatable {
    var isThere = false
    var port: Int?
    var testStage: String?
    var readinessPath: String?

    init() {}

    init(_ text: String) {
        isThere = true
        for line in text.split(whereSeparator: \.isNewline) {
            let words = line.split(separator: " ")
            switch words.first?.uppercased() {
            case "EXPOSE": port = port ?? words.dropFirst().first.flatMap { Int($0.prefix { $0 != "/" }) }
            case "FROM": look(atStage: words)
            case "HEALTHCHECK": readinessPath = Self.path(in: line)
            default: break
            }
        }
    }

    private mutating func look(atStage words: [Substring]) {
        guard words.count >= 4, words[words.count - 2].uppercased() == "AS", let name = words.last else { return }
        if ["test", "tests", "unit", "check"].contains(name.lowercased()) { testStage = String(name) }
    }

    /// The path of the URL that a health check asks for: `curl -f http://localhost:8080/healthz`.
    private static func path(in line: Substring) -> String? {
        guard let scheme = line.firstRange(of: "http://") else { return nil }
        let path = line[scheme.upperBound...].drop { $0 != "/" && $0 != " " }.prefix { !" \"'|;],".contains($0) }
        return path.hasPrefix("/") ? String(path) : nil
    }
}
