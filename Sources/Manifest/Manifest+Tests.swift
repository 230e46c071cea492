import IngotModel

/// Reads the section `test`.
struct TestsReader {
    private let root: MappingReader

    init(_ root: MappingReader) { self.root = root }

    func tests() -> [TestSpecification] {
        root.entries("test", limit: Manifest.Limit.tests, known: Grammar.test, noun: "test", name: \.name, test)
    }

    private func test(_ reader: MappingReader) -> TestSpecification? {
        let name = reader.required("name", .testName, hint: "add 'name:', which evidence and messages will use")
        let deadline = reader.value("deadline", .duration(.seconds(1)...longestDeadline(reader)))
        let kind = kind(reader)
        let needs = needs(reader)
        let report = reader.value("report", .reportPattern)
        guard let name, let kind else { return nil }
        return TestSpecification(name: name, kind: kind, deadline: deadline ?? Defaults.testDeadline.value, needs: needs, report: report)
    }

    private func longestDeadline(_ reader: MappingReader) -> Milliseconds {
        if reader.has("stage") { return SettingLimits.testDeadline.upperBound }
        return reader.has("check") ? Milliseconds(TestSpecification.longestUse.count / 2) : TestSpecification.longestUse
    }

    // MARK: What it is

    private func kind(_ reader: MappingReader) -> TestSpecification.Kind? {
        if reader.has("check") { return check(reader) }
        refuse(["request"], in: reader, "belongs to 'check: graceful-stop'")
        switch (reader.has("stage"), reader.has("run")) {
        case (true, false):
            refuse(["needs", "report"], in: reader, "belongs to 'run': a stage is built, and has no instance")
            return reader.value("stage", .text).map { .stage($0) }
        case (false, true): return reader.command("run").map { .command($0) }
        case (true, true):
            reader.document.error(at: reader.location("run"), "a test has either 'stage' or 'run', not both")
            return nil
        case (false, false):
            reader.reportMissing(
                "run", hint: "add 'stage:' with a stage of the Dockerfile, 'run:' with a command, or 'check:' with a test of Ingot's own")
            return nil
        }
    }

    private func check(_ reader: MappingReader) -> TestSpecification.Kind? {
        refuse(["stage"], in: reader, "and 'check' are two tests: give each a name")
        refuse(["report"], in: reader, "belongs to a test that is a command")
        guard let word = reader.value("check", .word(["statelessness", "graceful-stop", "readiness"])) else { return nil }
        if word != "graceful-stop" { refuse(["request"], in: reader, "belongs to 'check: graceful-stop'") }
        if word != "statelessness" { refuse(["run", "deadline"], in: reader, "has nothing to do in 'check: \(word)'") }
        switch word {
        case "graceful-stop": return .check(.gracefulStop(request: reader.value("request", .requestPath)))
        case "readiness": return .check(.readiness)
        default:
            guard reader.has("run") else {
                reader.reportMissing("run", hint: "add 'run:' with the command that is to pass before and after the instance is replaced")
                return nil
            }
            return reader.command("run").map { .check(.statelessness(command: $0)) }
        }
    }

    private func refuse(_ keys: [String], in reader: MappingReader, _ why: String) {
        for key in keys where reader.has(key) { reader.document.error(at: reader.location(key), "'\(key)' \(why)") }
    }

    // MARK: What it needs

    private func needs(_ reader: MappingReader) -> [TestNeed] {
        reader.entries("needs", limit: Manifest.Limit.needs, known: Grammar.need, noun: "need", name: \.name, nameKey: "as", need)
    }

    private func need(_ reader: MappingReader) -> TestNeed? {
        let image = reader.required("image", .text, hint: "add 'image:' with an image of the store: `ingot image pull` brings one there")
        let name = reader.required("as", .peerName, hint: "add 'as:' with the name by which the service finds it")
        let port = reader.required("port", .integer(SettingLimits.port), hint: "add 'port:' with the TCP port it listens on")
        let environment = environment(reader)
        guard let image, let name, let port else { return nil }
        return TestNeed(image: image, name: name, port: port, environment: environment)
    }

    private func environment(_ reader: MappingReader) -> [String: String] {
        let section = reader.section("environment", known: nil)
        guard section.entries.count <= Manifest.Limit.listEntries else {
            reader.document.error(
                at: section.location, "'\(section.path)' has \(section.entries.count) entries; at most \(Manifest.Limit.listEntries) are allowed")
            return [:]
        }
        let pairs = section.entries.compactMap { entry -> (String, String)? in
            guard let name = reader.document.value(of: entry.key, section.path, .variableName),
                let value = reader.document.value(of: entry.value, section.path(entry.name), .anyText)
            else { return nil }
            return (name, value)
        }
        return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }
}

extension ValueForm where Value == String {
    fileprivate static var peerName: ValueForm {
        ValueForm(expectation: TestNeed.nameExpectation) { TestNeed.isName($0) ? $0 : nil }
    }

    /// A path or pattern that does not lead out of the folder of `ingot.yaml`.
    fileprivate static var reportPattern: ValueForm {
        ValueForm(expectation: "a path or pattern below the folder of this file, such as results/*.xml") { text in
            Self.relativePath.read(text).flatMap { $0.split(separator: "/").contains("..") ? nil : $0 }
        }
    }
}
