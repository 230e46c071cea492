import ContainerRuntime
import Engine
import IngotModel
import Testing

@testable import LocalEngine

@Suite("The image's user")
struct UserTests {
    let files = UserFiles(
        passwd: "root:x:0:0:root:/root:/bin/sh\nbroken line\nwww:x:33:33::/var/www:/bin/false\napp:x:1000:1000::/:/bin/sh\nbad:x:abc:1::/:\n",
        group: "root:x:0:\nwww:x:33:\nstaff:x:50:app,www\nlogs:x:4:app\napp:x:1000:app\n")

    @Test(
        "it is resolved as Docker resolves it",
        arguments: [
            ("", 0, 0, []), ("root", 0, 0, []), ("www", 33, 33, [50]), ("app", 1000, 1000, [4, 50]), ("1000", 1000, 1000, [4, 50]),
            ("4711", 4711, 0, []), ("app:logs", 1000, 4, []), ("1000:7", 1000, 7, []), ("4711:staff", 4711, 50, []), ("app:", 1000, 1000, [4, 50]),
        ] as [(String, UInt32, UInt32, [UInt32])])
    func resolving(text: String, uid: UInt32, gid: UInt32, additional: [UInt32]) throws {
        #expect(try files.resolve(text, image: Samples.image) == ContainerUser(uid: uid, gid: gid, additionalGids: additional))
    }

    @Test(
        "one that is not there is an error that names the file",
        arguments: [
            ("nobody", "/etc/passwd"), ("app:wheel", "/etc/group"), ("-1", "/etc/passwd"), ("4294967296", "/etc/passwd"),
        ])
    func unknown(text: String, file: String) {
        #expect { try files.resolve(text, image: Samples.image) } throws: { error in
            (error as? EngineError)?.code == "engine.user-unknown" && (error as? EngineError)?.message.contains(file) == true
        }
    }

    @Test("numbers need no files")
    func noFiles() throws {
        #expect(try UserFiles(passwd: "", group: "").resolve("10:20", image: Samples.image) == ContainerUser(uid: 10, gid: 20))
    }
}
