import CLinux
import ContainerRuntime
import Foundation
import Glibc
import IngotModel
import Testing

/// The real supervisor with real containers, joined to this machine by a real interface.
@Suite("The supervisor")
struct SupervisorTests {
    @Test("starts a service that this machine reaches, and ends it on SIGTERM with nothing left")
    func serves() async throws {
        let instance = try await SupervisedInstance()
        defer { instance.remove() }
        let ready = try instance.start(["/bin/sh", "-c", "trap 'exit 3' TERM; httpd -f -p 80 -h /www & while :; do wait; done"])
        #expect(ready == "ready\n")
        let state = try instance.state()
        #expect(state.supervisorPID == instance.supervisor)
        #expect(try eventually { try HTTPProbe.get("http://\(instance.address)/") == "hello\n" })
        instance.stop()
        let end = try instance.waitForEnd()
        #expect(end.exitCode == 3)
        #expect(end.signal == nil)
        #expect(!end.outOfMemory)
        #expect(instance.exitStatus == 0)
        #expect(instance.traces().isEmpty)
        #expect(kill(state.initPID, 0) != 0)
    }

    @Test("kills a service that ignores the stop signal, after the grace and not before; a second request changes nothing")
    func ignoresStop() async throws {
        let instance = try await SupervisedInstance()
        defer { instance.remove() }
        #expect(try instance.start(["/bin/sh", "-c", "trap '' TERM; echo up; sleep 1000"], grace: 700) == "ready\n")
        #expect(try eventually { try instance.log().contains { $0.line == "up" } })
        let start = ContinuousClock.now
        instance.stop()
        instance.stop()
        kill(instance.supervisor, SIGINT)
        let end = try instance.waitForEnd()
        #expect(end.signal == Int(SIGKILL))
        #expect(!end.outOfMemory)
        #expect(ContinuousClock.now - start >= .milliseconds(700))
        #expect(instance.traces().isEmpty)
    }

    @Test("does not wait for a service that the stop signal cannot reach")
    func hasNoHandler() async throws {
        let instance = try await SupervisedInstance()
        defer { instance.remove() }
        #expect(try instance.start(["/bin/sleep", "1000"], grace: 60_000) == "ready\n")
        instance.stop()
        #expect(try instance.waitForEnd().signal == Int(SIGKILL))
    }

    @Test("records the exit code, and writes both outputs as JSON lines")
    func outputs() async throws {
        let instance = try await SupervisedInstance()
        defer { instance.remove() }
        let script = #"echo one; echo "two \"quoted\" \\ \t" >&2; printf 'bad \377 byte\n'; echo opened >/dev/stdout; printf 'no end'; exit 7"#
        #expect(try instance.start(["/bin/sh", "-c", script]) == "ready\n")
        #expect(try instance.waitForEnd().exitCode == 7)
        let lines = try instance.log()
        #expect(lines.filter { $0.stream == "stdout" }.map(\.line) == ["one", "bad \u{fffd} byte", "opened", "no end"])
        #expect(lines.filter { $0.stream == "stderr" }.count == 1)
        #expect(lines.allSatisfy { $0.instance.text == instance.id })
        #expect(instance.traces().isEmpty)
    }

    @Test("records the start and the end of a service that dies at once", arguments: 0..<8)
    func diesAtOnce(code: Int) async throws {
        let instance = try await SupervisedInstance()
        defer { instance.remove() }
        #expect(try instance.start(["/bin/sh", "-c", "exit \(code)"]) == "ready\n")
        #expect(try instance.waitForEnd().exitCode == code)
        #expect(instance.traces().isEmpty)
    }

    @Test("keeps as many log files of at most the given size as it is told, and loses no line between them")
    func rotates() async throws {
        let instance = try await SupervisedInstance()
        defer { instance.remove() }
        #expect(try instance.start(["/bin/seq", "1", "100000"], logBytes: 256 << 10, logFiles: 3) == "ready\n")
        #expect(try instance.waitForEnd().exitCode == 0)
        let names = try FileManager.default.contentsOfDirectory(atPath: "\(instance.instanceFolder)/log").sorted()
        #expect(names == ["current.jsonl", "current.jsonl.1", "current.jsonl.2"])
        for name in names {
            let size = try FileManager.default.attributesOfItem(atPath: "\(instance.instanceFolder)/log/\(name)")[.size] as? Int
            #expect((size ?? 0) <= 256 << 10)
        }
        let numbers = try names.reversed().flatMap { try instance.log($0) }.compactMap { Int($0.line) }
        #expect(numbers.last == 100_000)
        #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 + 1 == $1 })
    }

    @Test("records that the kernel killed the service for want of memory")
    func outOfMemory() async throws {
        let instance = try await SupervisedInstance()
        defer { instance.remove() }
        let limits = ResourceLimits(memory: .mebibytes(16), milliCPU: 1_000, processes: 16)
        #expect(try instance.start(["/bin/sh", "-c", "x=x; while :; do x=$x$x; done"], limits: limits) == "ready\n")
        let end = try instance.waitForEnd()
        #expect(end.outOfMemory)
        #expect(end.signal == Int(SIGKILL))
        #expect(instance.traces().isEmpty)
    }

    @Test("says why a service could not be started, to the daemon and on disk, and leaves nothing")
    func missingProgram() async throws {
        let instance = try await SupervisedInstance()
        defer { instance.remove() }
        let ready = try instance.start(["/bin/not-there"])
        #expect(ready.hasPrefix("error: "))
        #expect(ready.contains("not-there"))
        let end = try instance.waitForEnd()
        #expect(end.startError?.contains("not-there") == true)
        #expect(end.exitCode == nil && end.signal == nil)
        #expect(instance.exitStatus != 0)
        #expect(instance.traces().isEmpty)
    }

    @Test("gives the service a read-only root, one writable folder, no capabilities, one interface and no IPv6")
    func confinement() async throws {
        let instance = try await SupervisedInstance()
        defer { instance.remove() }
        let script = """
            id -u; touch /x 2>/dev/null || echo root is read-only; touch /tmp/x && echo tmp is writable
            while read key value; do case $key in CapEff:|NoNewPrivs:|Seccomp:) echo $key $value;; esac; done < /proc/self/status
            ip -o addr; ip route; cat /proc/net/if_inet6
            unshare -U true 2>/dev/null || echo no user namespaces
            """
        #expect(try instance.start(["/bin/sh", "-c", script]) == "ready\n")
        #expect(try instance.waitForEnd().exitCode == 0)
        let lines = try instance.log().filter { $0.stream == "stdout" }.map(\.line)
        for expected in [
            "65534", "root is read-only", "tmp is writable", "CapEff: 0000000000000000", "NoNewPrivs: 1", "Seccomp: 2", "no user namespaces",
        ] {
            #expect(lines.contains(expected))
        }
        #expect(lines.contains { $0.contains("eth0") && $0.contains("\(instance.address)/32") })
        #expect(lines.contains { $0.hasPrefix("default via 169.254.1.1 dev eth0") })
        #expect(lines.contains { $0.hasPrefix("169.254.1.1 dev eth0") })
        #expect(!lines.contains { $0.contains("inet6") || $0.contains("lo") && $0.hasPrefix("0000") })
    }

    @Test("leaves the service running when it is killed itself, and its processes can be found by the state file")
    func supervisorDies() async throws {
        let instance = try await SupervisedInstance()
        defer { instance.remove() }
        let script = "httpd -p 80 -h /www; trap 'exit 0' TERM; while :; do echo chatter; sleep 0.01; done"
        #expect(try instance.start(["/bin/sh", "-c", script]) == "ready\n")
        let state = try instance.state()
        #expect(try eventually { try HTTPProbe.get("http://\(instance.address)/") == "hello\n" })
        kill(instance.supervisor, SIGKILL)
        #expect(eventually { waitpid(instance.supervisor, nil, WNOHANG) != 0 })
        // It writes into a pipe that nobody but itself has open any more.
        let served = try (0..<20).allSatisfy { _ in try HTTPProbe.get("http://\(instance.address)/") == "hello\n" }
        #expect(served)
        #expect(kill(state.initPID, 0) == 0)
        #expect(ControlGroup.instance(instance.id).processes().contains(state.initPID))
    }

    @Test("refuses a command line that it does not understand", arguments: [[], ["--instance", "xyz"], ["--what"]])
    func usage(arguments: [String]) async throws {
        let instance = try await SupervisedInstance()
        defer { instance.remove() }
        #expect(try instance.start(["/bin/sh"], extra: arguments) == "")
        #expect(eventually { waitpid(instance.supervisor, nil, WNOHANG) != 0 })
    }
}

/// One GET; `nil` when nobody answers.
enum HTTPProbe {
    static func get(_ address: String) throws -> String? {
        guard let url = URL(string: address), let host = url.host() else { return nil }
        let connection = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(connection) }
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = UInt16(url.port ?? 80).bigEndian
        inet_pton(AF_INET, host, &target.sin_addr)
        var limit = timeval()
        limit.tv_sec = 2
        setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let connected = withUnsafePointer(to: &target) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(connection, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard connected == 0 else { return nil }
        let request = Array("GET \(url.path()) HTTP/1.0\r\n\r\n".utf8)
        guard send(connection, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else { return nil }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while case let count = recv(connection, &buffer, buffer.count, 0), count > 0 { answer += buffer[..<count] }
        let text = String(decoding: answer, as: UTF8.self)
        return text.firstRange(of: "\r\n\r\n").map { String(text[$0.upperBound...]) }
    }
}
