import Foundation
import Glibc
import ImageStore
import SystemPackage
import Testing

/// A store in a folder of its own, unmounted and removed at the end, whatever happened.
func withStore<Result>(_ body: (ImageStore) throws -> Result) throws -> Result {
    try withFolder { folder in
        let store = try ImageStore(root: folder.appending("root"))
        defer { try? store.unmountAll() }
        return try body(store)
    }
}

func withFolder<Result>(_ body: (FilePath) throws -> Result) throws -> Result {
    let path = "/tmp/ingot-store-\(getpid())-\(UInt64.random(in: .min ... .max))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(FilePath(path))
}

/// Runs a program and returns its exit code and what it printed.
func run(_ program: String, _ arguments: [String]) throws -> (code: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
}

func read(_ path: FilePath) throws -> [UInt8] { try Array(Data(contentsOf: URL(fileURLWithPath: path.string))) }

func write(_ text: String, to path: FilePath) throws { try Data(text.utf8).write(to: URL(fileURLWithPath: path.string)) }

/// Bytes that nothing compresses.
func noise(_ count: Int) throws -> [UInt8] {
    let handle = try #require(FileHandle(forReadingAtPath: "/dev/urandom"))
    return try Array(handle.read(upToCount: count) ?? Data())
}
