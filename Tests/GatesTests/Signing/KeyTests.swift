import Foundation
import Glibc
import IngotModel
import SystemPackage
import Testing

@testable import Gates

@Suite("Keys") struct KeyTests {
    @Test("a key is found again by its name, and only its password opens it") func folder() async throws {
        try await withSigningFolder { path in
            let folder = KeyFolder(path.appending("keys"))
            #expect(try folder.list().isEmpty)
            let key = try folder.create("release", password: "correct horse")
            #expect(try folder.list() == [KeyFolder.Entry(name: "release", key: key, hasPrivateKey: true)])
            #expect(try folder.signingKey("release", password: "correct horse").verificationKey == key)
            let error = #expect(throws: GateError.self) { try folder.signingKey("release", password: "correct horses") }
            #expect(error?.code == "gates.key-locked")
            #expect(throws: GateError.self) { try folder.signingKey("none", password: "x") }
            var status = stat()
            #expect(stat(path.appending("keys/release.key").string, &status) == 0 && status.st_mode & 0o777 == 0o600)
        }
    }

    @Test("whether a key can sign is told of one key, whatever stands beside it") func privateHalf() async throws {
        try await withSigningFolder { path in
            let folder = KeyFolder(path)
            let key = try folder.create("release", password: "x")
            try Data(key.pem.utf8).write(to: URL(filePath: path.appending("theirs.pub").string))
            try Data("no key".utf8).write(to: URL(filePath: path.appending("damaged.pub").string))
            #expect(folder.hasPrivateKey("release") && !folder.hasPrivateKey("theirs") && !folder.hasPrivateKey("../release"))
            #expect(throws: GateError.self) { try folder.list() }
        }
    }

    @Test(
        "a key that can't be written says why",
        arguments: [(Errno.noSpace, "make room", Fault.world), (.permissionDenied, "--keys", .user), (.ioError, "check the disk", .world)])
    func unwritten(cause: Errno, remedy: String, fault: Fault) {
        let error = KeyError.unwritten("/keys/a.key", cause)
        #expect(error.code == "gates.key-unwritten" && error.fault == fault && error.remedy?.contains(remedy) == true)
        #expect(error.message == "/keys/a.key could not be written" && error.cause as? Errno == cause)
    }

    @Test("a folder of keys that is a file, or stands nowhere, can't be written to") func nowhere() async throws {
        try await withSigningFolder { path in
            try Data().write(to: URL(filePath: path.appending("file").string))
            for place in ["file", "none/keys"] {
                let error = #expect(throws: GateError.self) { try KeyFolder(path.appending(place)).create("a", password: "x") }
                #expect(error?.code == "gates.key-unwritten" && error?.fault == .user, "\(place)")
            }
        }
    }

    @Test("a key is never written over") func twice() async throws {
        try await withSigningFolder { path in
            let folder = KeyFolder(path)
            let key = try folder.create("a", password: "x")
            let error = #expect(throws: GateError.self) { try folder.create("a", password: "x") }
            #expect(error?.code == "gates.key-exists")
            #expect(try folder.verificationKey("a") == key)
            unlink(path.appending("a.key").string)
            #expect(throws: GateError.self) { try folder.create("a", password: "x") }
            #expect(access(path.appending("a.key").string, F_OK) != 0)
            #expect(try FileManager.default.contentsOfDirectory(atPath: path.string) == ["a.pub"])
        }
    }

    @Test(
        "a name that leads elsewhere is none", arguments: ["", ".", "..", "../a", "a/b", "-a", ".a", "a b", "ä", String(repeating: "a", count: 65)])
    func names(_ name: String) async throws {
        try await withSigningFolder { path in
            #expect(throws: GateError.self) { try KeyFolder(path).create(name, password: "x") }
            #expect(throws: GateError.self) { try KeyFolder(path).verificationKey(name) }
        }
    }

    @Test("an empty password protects nothing") func emptyPassword() { #expect(throws: GateError.self) { try SigningKey().file(password: "") } }

    @Test("a key file that asks for too much, or was changed, is refused") func changedFiles() throws {
        let text = try SigningKey().file(password: "x")
        let form = String(decoding: try #require(PEMBlock(text)).bytes, as: UTF8.self)
        func file(_ old: String, _ new: String) -> String {
            PEMBlock(label: EncryptedKey.label, bytes: Array(form.replacingOccurrences(of: old, with: new).utf8)).text
        }
        for (old, new) in [
            ("65536", "1099511627776"), ("65536", "65535"), ("65536", "-1"), (#""r":8"#, #""r":4294967295"#), (#""p":1"#, #""p":0"#),
            ("scrypt", "none"), ("nacl/secretbox", "none"), (#""salt":""#, #""salt":" "#), (#""nonce":""#, #""nonce":"AAAA"#),
            (#""ciphertext":""#, #""ciphertext":"AAAA"#), ("{", "{{"),
        ] {
            #expect(file(old, new) != text)
            #expect(throws: GateError.self, "\(old) → \(new)") { try SigningKey(file: file(old, new), password: "x", "it") }
        }
        #expect(throws: GateError.self) { try SigningKey(file: text + text, password: "x", "it") }
        #expect(throws: GateError.self) { try SigningKey(file: SigningKey().verificationKey.pem, password: "x", "it") }
    }

    @Test("a public key is one key of the right kind, and nothing else") func publicKeys() throws {
        let pem = SigningKey().verificationKey.pem
        #expect(try VerificationKey(pem: pem, "it").pem == pem)
        let ed25519 = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n"
        let certificate = pem.replacingOccurrences(of: "PUBLIC KEY", with: "CERTIFICATE")
        for text in [
            "", "x", pem + pem, "x\n" + pem, pem + "x\n", String(pem.dropFirst(30)), ed25519, certificate, try SigningKey().file(password: "x"),
        ] {
            #expect(throws: GateError.self) { try VerificationKey(pem: text, "it") }
        }
    }
}

@Suite("Signing by a command") struct CommandSignerTests {
    /// The command of these tests: OpenSSL, with a key in a file.
    private static func script(_ folder: FilePath, _ body: String) throws -> [String] {
        let path = folder.appending("sign").string
        try "#!/bin/sh\n\(body)\n".write(toFile: path, atomically: true, encoding: .utf8)
        chmod(path, 0o755)
        return [path]
    }

    @Test("a command that signs the digest signs", .enabled(if: access("/usr/bin/openssl", X_OK) == 0, "SKIPPED: no openssl")) func openssl()
        async throws
    {
        try await withSigningFolder { folder in
            let make =
                "openssl ecparam -name prime256v1 -genkey -noout -out \(folder)/key.pem && openssl ec -in \(folder)/key.pem -pubout -out \(folder)/key.pub"
            #expect(system("(\(make)) 2>/dev/null") == 0)
            let key = try VerificationKey(pem: String(contentsOfFile: folder.appending("key.pub").string, encoding: .utf8), "it")
            let sign = try Self.script(folder, "exec openssl pkeyutl -sign -inkey \(folder)/key.pem -pkeyopt digest:sha256")
            let signer = CommandSigner(command: sign, verificationKey: key)
            let bundle = try await signer.sign(Sample.statement())
            let requirement = SignatureRequirement(predicateType: Sample.signature, trusted: [key])
            #expect(requirement.judge([.bundle(try bundle.encode())], of: Sample.image).isMet)
        }
    }

    @Test(
        "a command that fails, lies, says too much or hangs has not signed", .timeLimit(.minutes(1)),
        arguments: [
            "exit 1", "echo no", "cat", "true", "head -c 100000 /dev/zero", "sleep 600",
        ])
    func failures(_ body: String) async throws {
        try await withSigningFolder { folder in
            let command = try Self.script(folder, body)
            let signer = CommandSigner(command: command, verificationKey: SigningKey().verificationKey, deadline: .seconds(2))
            let error = await #expect(throws: GateError.self) { try await signer.signature(of: [1, 2, 3]) }
            #expect(error?.code == "gates.signer-failed")
        }
    }

    @Test("a command that is not there is said so") func missing() async {
        for command in [["/nowhere/sign"], []] {
            await #expect(throws: GateError.self) {
                try await CommandSigner(command: command, verificationKey: SigningKey().verificationKey).signature(of: [1])
            }
        }
    }
}
