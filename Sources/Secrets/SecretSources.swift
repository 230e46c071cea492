internal import Foundation
public import IngotModel
internal import Manifest

/// All the places where values come from, asked together.
///
/// The settings are read again when their file has changed; what was agreed with a source that did not change, such as a login, stays.
public actor SecretSources {
    /// Questions of one reading, that is of one environment, under way at once.
    private static let atOnce = 8

    private enum Source: Sendable {
        case vault(VaultSource)
        case aws(AWSSource)
    }

    /// One question to a source: all fields of one place are of one version.
    private enum Question: Hashable {
        case file(String)
        case sealed(name: String, SealedReference)
        case vault(source: String, mount: String, path: String)
        case aws(source: String, id: String, stage: String)

        init(_ reference: SecretReference, name: String) {
            switch reference {
            case .file(let path): self = .file(path)
            case .sealed(let sealed): self = .sealed(name: name, sealed)
            case .vault(let vault): self = .vault(source: vault.source, mount: vault.mount, path: vault.path)
            case .aws(let aws): self = .aws(source: aws.source, id: aws.id, stage: aws.stage)
            }
        }
    }

    private typealias Answer = Result<SecretDocument, SecretError>

    private let settings: @Sendable () throws -> String?
    private let files: CredentialFiles
    private let variables: [String: String]
    private var text: String?
    private var definitions: Result<[String: SecretSourceSettings], SecretError> = .success([:])
    private var sources: [String: Source] = [:]
    private var pauses: [String: SourcePause] = [:]

    /// - Parameters:
    ///   - settings: the text of `secret-sources.yaml`; `nil` when there is none.
    ///   - variables: the daemon's environment.
    public init(
        settings: @escaping @Sendable () throws -> String?, files: CredentialFiles,
        variables: [String: String]
    ) {
        self.settings = settings
        self.files = files
        self.variables = variables
    }

    /// The values of an environment's secrets by name, each or why there is none. Takes seconds at most, however slow a source is.
    ///
    /// - Parameters:
    ///   - isUrgent: asks a source also that has just failed.
    ///   - key: what opens the encrypted ones.
    public func read(
        _ references: [String: SecretReference], for environment: EnvironmentID, key: SealingKey, isUrgent: Bool = false
    ) async -> [String: Result<SecretValue, SecretError>] {
        load()
        var questions: Set<Question> = []
        for (name, reference) in references { questions.insert(Question(reference, name: name)) }
        let answers = await ask(questions, environment, key, isUrgent)
        return Dictionary(
            uniqueKeysWithValues: references.map { name, reference in
                let answer = answers[Question(reference, name: name)] ?? .failure(SecretError(.down, "the source was not asked"))
                return (name, answer.flatMap { document in Result { () throws(SecretError) in try document.value(of: reference.field) } })
            })
    }

    private func ask(_ questions: Set<Question>, _ environment: EnvironmentID, _ key: SealingKey, _ isUrgent: Bool) async -> [Question: Answer] {
        await withTaskGroup(of: (Question, Answer).self) { group in
            var answers: [Question: Answer] = [:]
            var waiting = Array(questions)
            for _ in 0..<Self.atOnce {
                guard let question = waiting.popLast() else { break }
                group.addTask { (question, await self.answer(question, environment, key, isUrgent)) }
            }
            for await (question, answer) in group {
                answers[question] = answer
                if let next = waiting.popLast() { group.addTask { (next, await self.answer(next, environment, key, isUrgent)) } }
            }
            return answers
        }
    }

    private func answer(_ question: Question, _ environment: EnvironmentID, _ key: SealingKey, _ isUrgent: Bool) async -> Answer {
        switch question {
        case .file(let path): return Result { () throws(SecretError) in try files.value(path) }
        case .sealed(let name, let reference): return Self.open(reference, name, key)
        case .vault(let source, let mount, let path):
            return await asked(source, "\(mount)/\(path)", environment, isUrgent) {
                if case .vault(let vault) = $0 { try await vault.document(mount: mount, path: path) } else { nil }
            }
        case .aws(let source, let id, let stage):
            return await asked(source, id, environment, isUrgent) {
                if case .aws(let aws) = $0 { try await aws.document(id: id, stage: stage) } else { nil }
            }
        }
    }

    private static func open(_ reference: SealedReference, _ name: String, _ key: SealingKey) -> Answer {
        guard let box = reference.box else {
            return .failure(
                SecretError(
                    .missing, "\(reference.file) has no value for \(name)",
                    remedy: "write one with 'ingot secret encrypt', and deploy from the folder of ingot.yaml"))
        }
        return Result { () throws(SecretError) in
            SecretDocument(what: "the encrypted value of \(name)", whole: try key.open(box, name: name), fields: nil)
        }
    }

    /// - Parameter body: gives `nil` when the source is of another kind.
    private func asked(
        _ name: String, _ place: String, _ environment: EnvironmentID, _ isUrgent: Bool,
        _ body: @Sendable (Source) async throws -> SecretDocument?
    ) async -> Answer {
        do {
            let source = try source(name, place, environment)
            if !isUrgent, let refusal = pauses[name]?.refusal(at: .now) { return .failure(refusal) }
            guard let document = try await body(source) else {
                throw SecretError(.notSetUp, "the source '\(name)' is of another kind than ingot.yaml says", remedy: "name another with 'source:'")
            }
            pauses[name] = nil
            return .success(document)
        } catch let error as SecretError {
            pauses[name, default: SourcePause()].note(error, at: .now)
            return .failure(error)
        } catch {
            return .failure(SecretError(.down, "the source '\(name)' was not asked to the end: \(type(of: error))"))
        }
    }

    // MARK: Settings

    private func source(_ name: String, _ place: String, _ environment: EnvironmentID) throws(SecretError) -> Source {
        guard let definition = try definitions.get()[name], let source = sources[name] else {
            throw SecretError(
                .notSetUp, "the daemon knows no source '\(name)'",
                remedy: "describe it in \(SecretSourcesDefinition.fileName) in the daemon's folder; see docs/reference/secrets.md")
        }
        guard definition.allows(place, to: environment) else {
            throw SecretError(
                .notAllowed, "\(environment) may not have \(place) of the source '\(name)'",
                remedy: "add it under 'allow' in \(SecretSourcesDefinition.fileName), if that is right")
        }
        return source
    }

    private func load() {
        let found: String?
        do { found = try settings() } catch {
            definitions = .failure(SecretError(.notSetUp, "\(SecretSourcesDefinition.fileName) can't be used: \(error)"))
            text = nil
            return
        }
        guard found != text else { return }
        text = found
        let before = (try? definitions.get()) ?? [:]
        let parsed = SecretSourcesDefinition.parse(found ?? "")
        guard let definitions = parsed.value else {
            let words = parsed.diagnostics.filter { $0.severity == .error }.map(\.description).joined(separator: "; ")
            self.definitions = .failure(SecretError(.notSetUp, "the daemon's sources of secrets can't be used: \(words)"))
            return
        }
        self.definitions = .success(definitions)
        pauses = [:]
        sources = definitions.reduce(into: [:]) { made, entry in
            let (name, definition) = entry
            if before[name]?.kind == definition.kind, let known = sources[name] { return made[name] = known }
            made[name] =
                switch definition.kind {
                case .vault(let settings): .vault(VaultSource(settings, name: name, files: files))
                case .aws(let settings): .aws(AWSSource(settings, name: name, files: files, variables: variables))
                }
        }
    }
}

extension SecretReference {
    /// Which part of what stands at its place is the value.
    fileprivate var field: String? {
        switch self {
        case .file, .sealed: nil
        case .vault(let vault): vault.field
        case .aws(let aws): aws.field
        }
    }
}
