import Testing

@testable import IngotModel

@Suite struct NearestWordTests {
    @Test(
        "a slip leads to the word that was meant, a different word to none",
        arguments: [
            ("prot", "port"), ("ports", "port"), ("Port", "port"), ("comand", "command"), ("readyness", "readiness"), ("x", nil),
            ("image", nil),
        ] as [(String, String?)])
    func nearest(word: String, expected: String?) {
        #expect(NearestWord.to(word, among: ["port", "command", "readiness", "stop"]) == expected)
    }

    @Test(
        "neighbours that changed places are one slip", arguments: [("abcd", "abdc", 1), ("", "abc", 3), ("abc", "abc", 0), ("kitten", "sitting", 3)])
    func distance(left: String, right: String, expected: Int) {
        #expect(NearestWord.distance(from: left, to: right) == expected)
    }
}
