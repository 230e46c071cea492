import IngotModel

@testable import Gates

extension Reader {
    func readTestReport(_ bytes: [UInt8]) {
        guard let cases = try? JUnitReader.read(bytes) else { return }
        precondition(cases.failures.count == min(cases.failed, TestCases.keptFailures), "\(cases)")
        for failure in cases.failures {
            precondition(failure.name.count <= JUnitReader.nameLength && failure.message.count <= JUnitReader.messageLength, "\(failure)")
        }
    }
}
