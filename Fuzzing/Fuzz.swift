import Glibc
import IngotModel
import Manifest
import SystemPackage

@testable import Gates
@testable import ImageBuild
@testable import ImageStore
@testable import Registry

/// The readers of what strangers wrote. Each must end, with a value or with an error of its own, whatever the bytes are.
///
/// Which one is driven stands in the environment variable `INGOT_FUZZ_READER`.
enum Reader: String, CaseIterable {
    case dockerfile, ignore, archive, manifest, yaml, version, advisory, scanner, materials, program, secrets, junit, bundle, statement, key
    case request, pushed, challenge, token, vault, aws, secretfiles

    static let chosen: Reader = {
        guard let name = getenv("INGOT_FUZZ_READER"), let reader = Reader(rawValue: String(cString: name)) else {
            print("INGOT_FUZZ_READER is one of \(allCases.map(\.rawValue).joined(separator: ", "))")
            exit(2)
        }
        return reader
    }()

    func read(_ bytes: UnsafeRawBufferPointer) {
        switch self {
        case .dockerfile: readDockerfile(String(decoding: bytes, as: UTF8.self))
        case .ignore: readIgnoreRules(String(decoding: bytes, as: UTF8.self))
        case .archive: readArchive(bytes)
        case .manifest: readManifest(Array(bytes))
        case .yaml: _ = try? Manifest.parse(String(decoding: bytes, as: UTF8.self), file: "ingot.yaml") { "the key \($0)" }
        case .version: readVersions(Array(bytes))
        case .advisory: readAdvisories(Array(bytes))
        case .scanner: readScannerReport(Array(bytes))
        case .materials: readMaterials(Array(bytes))
        case .program: readProgram(Array(bytes))
        case .secrets: findSecrets(Array(bytes))
        case .junit: readTestReport(Array(bytes))
        case .bundle: readBundle(Array(bytes))
        case .statement: readStatement(Array(bytes))
        case .key: readKey(String(decoding: bytes, as: UTF8.self))
        case .request: readRequest(String(decoding: bytes, as: UTF8.self))
        case .pushed: readPushedManifest(Array(bytes))
        case .challenge: _ = Challenge.parse(String(decoding: bytes, as: UTF8.self))
        case .token: readToken(String(decoding: bytes, as: UTF8.self))
        case .vault: readVaultAnswer(Array(bytes))
        case .aws: readAWSAnswer(Array(bytes))
        case .secretfiles: readSecretFiles(String(decoding: bytes, as: UTF8.self))
        }
    }

    /// Every mistake must point into the file.
    private func readDockerfile(_ text: String) {
        do {
            let file = try DockerfileParser.parse(text, file: "Dockerfile")
            precondition(!file.stages.isEmpty)
            _ = try? BuildGraph(file, arguments: [:], target: nil)
        } catch {
            let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).count
            precondition(!error.diagnostics.isEmpty || error.code == "build.dockerfile-too-large")
            for diagnostic in error.diagnostics { precondition((1...lines + 1).contains(diagnostic.location.line), "\(diagnostic)") }
        }
    }

    /// The first line is a path, the rest are rules.
    private func readIgnoreRules(_ text: String) {
        let parts = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let rules = try? IgnoreRules(String(parts[1]), file: ".dockerignore") else { return }
        let path = parts[0].split(separator: "/").joined(separator: "/")
        // What is taken back can only be found if its folder is looked into.
        if !path.isEmpty, !rules.isIgnored(path), let end = path.lastIndex(of: "/"), rules.isIgnored(String(path[..<end])) {
            precondition(rules.mayInclude(below: String(path[..<end])), "\(path) is hidden")
        }
    }

    /// No path of a tree may lead out of it.
    private func readArchive(_ bytes: UnsafeRawBufferPointer) {
        let file = Self.archiveFile
        guard ftruncate(file, 0) == 0, pwrite(file, bytes.baseAddress, bytes.count, 0) == bytes.count else { return }
        var limits = ArchiveLimits.standard
        limits.entries = 10_000
        limits.bytes = .mebibytes(16)
        guard let tree = try? FileTree(archive: FilePath("/proc/self/fd/\(file)"), spool: "/dev/shm", limits: limits) else { return }
        for entry in tree.entries() {
            for part in entry.path.components { precondition(part.description != ".." && !part.description.contains("/")) }
        }
    }

    /// A file in memory that has no name any more.
    private static let archiveFile: CInt = {
        var path = Array("/dev/shm/ingot-fuzz-XXXXXX".utf8CString)
        let file = mkstemp(&path)
        unlink(path)
        return file
    }()

    private func readManifest(_ bytes: [UInt8]) {
        _ = try? CanonicalJSON.decode(ImageManifest.self, from: bytes)
        _ = try? CanonicalJSON.decode(ImageIndex.self, from: bytes)
        _ = try? CanonicalJSON.decode(ImageConfiguration.self, from: bytes)
    }
}

extension Reader {
    /// The first byte chooses the reader.
    fileprivate func readMaterials(_ bytes: [UInt8]) {
        guard let first = bytes.first else { return }
        let readers = MaterialReader.all.filter { $0.refusal == nil }
        let reader = readers[Int(first) % readers.count]
        let found = reader.read(Array(bytes.dropFirst()), "a/specifications/b-1.gemspec")
        for package in found.packages { precondition(MaterialLimits.isText(package.name) && !package.purl.isEmpty) }
    }

    fileprivate func readProgram(_ bytes: [UInt8]) {
        _ = try? ProgramReader.read(size: bytes.count) { Array(bytes[$0.clamped(to: 0..<bytes.count)]) }
    }

    /// No finding may show more than four characters, and all must lie in the text.
    fileprivate func findSecrets(_ bytes: [UInt8]) {
        let lines = bytes.count { $0 == 10 } + 1
        for path in ["", ".pgpass", ".netrc", "etc/shadow", ".docker/config.json"] {
            for finding in LayerSecrets.search(bytes, path: path, .standard).findings {
                precondition((1...lines).contains(finding.line) && finding.sample.start.utf8.count <= 4)
            }
        }
    }
}

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafeRawPointer?, _ count: Int) -> CInt {
    Reader.chosen.read(UnsafeRawBufferPointer(start: start, count: count))
    return 0
}

/// Source: LLVM, libFuzzer, "Using libFuzzer as a library".
@_silgen_name("LLVMFuzzerRunDriver")
func runDriver(
    _ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ body: @convention(c) (UnsafeRawPointer?, Int) -> CInt
) -> CInt

/// What the package manager takes for `main`.
@_cdecl("ingot_fuzz_main")
public func fuzzMain(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    var count = count
    var arguments = arguments
    return runDriver(&count, &arguments, testOneInput)
}
