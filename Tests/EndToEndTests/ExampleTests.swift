import Foundation
import Testing

/// Every example of `Examples/dockerfiles` is built and run; five are held against what `docker build` makes of them.
///
/// One test for each base: making a base takes longer than all that is built on it.
@Suite(
    "Dockerfiles as projects write them", .serialized,
    .enabled(if: ExampleWorkshop.archiveAnswers, "no Debian archive answers, from which the examples' bases are made"))
struct ExampleTests {
    @Test("examples on Debian's packages build and run, and five are what docker build makes of them")
    func debian() async throws {
        let workshop = try ExampleWorkshop()
        defer { workshop.remove() }
        try await workshop.buildBase("debian")
        try await workshop.check([
            .service("python-service", asked: ["python3", "-c", Self.fetch("8000")], says: "hello from python"),
            .program("python-venv", says: "hello you from a wheel"),
            .program("c-make", says: "hello world from C"),
            .program("perl-report", says: "report 1.0: 7 by reports"),
            .program("shell-busybox", says: "hello from sh, tools: busybox"),
            .program("apt-get", says: "hello from apt-get"),
            .service("nginx-static", asked: ["busybox", "wget", "-q", "-O", "-", "http://127.0.0.1:8080/"], says: "hello from nginx"),
            .program("here-documents", says: "hello you from a here document"),
        ])
        let five = ["python-service", "python-venv", "c-make", "shell-busybox", "nginx-static"]
        try await workshop.compareWithDocker(five, on: "debian:bookworm")
        try await workshop.runInPodman("c-make", says: "hello world from C")
    }

    @Test("examples in Go, Rust and Node build and run with Debian's toolchains")
    func toolchains() async throws {
        let workshop = try ExampleWorkshop()
        defer { workshop.remove() }
        try await workshop.buildBase("toolchains")
        try await workshop.check([
            .service("go-service", asked: ["/service", "probe"], says: "hello from go"),
            .program("rust-cli", says: "hello from rust"),
            .service(
                "node-service", asked: ["node", "-e", "fetch('http://127.0.0.1:3000').then(a=>a.text()).then(console.log)"], says: "hello from node"),
        ])
    }

    private static func fetch(_ port: String) -> String { "import urllib.request as u; print(u.urlopen('http://127.0.0.1:\(port)/').read())" }
}

/// A project of `Examples/dockerfiles`, and how one sees that its image works.
struct Example {
    var name: String
    /// What is run beside a service to ask it; `nil` for a program that prints and ends.
    var asked: [String]?
    var says: String

    static func program(_ name: String, says: String) -> Example { Example(name: name, asked: nil, says: says) }
    static func service(_ name: String, asked: [String], says: String) -> Example { Example(name: name, asked: asked, says: says) }
}
