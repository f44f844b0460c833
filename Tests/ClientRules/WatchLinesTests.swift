import ClientRules
import Objects
import Testing

@Suite struct WatchLinesTests {
    @Test(arguments: 1...9)
    func `lines come whole however the bytes are cut`(pieceSize: Int) {
        let bytes = Array("first\n\nsecond\nthi".utf8)
        var splitter = LineSplitter()
        var lines: [String] = []
        for start in stride(from: 0, to: bytes.count, by: pieceSize) {
            splitter.append(bytes[start..<min(start + pieceSize, bytes.count)])
            while let line = splitter.next() { lines.append(String(decoding: line, as: UTF8.self)) }
        }
        #expect(lines == ["first", "second"])
    }

    @Test func `an expired version arrives as an error that says gone`() {
        let line = """
            {"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}}
            """
        #expect {
            _ = try WatchEvent<Pod>(parsing: Array(line.utf8))
        } throws: { ($0 as? APIError)?.isGone == true }
    }

    @Test func `a bookmark has a version and no object`() throws {
        let line =
            #"{"type":"BOOKMARK","object":{"kind":"Pod","metadata":{"resourceVersion":"77"}}}"#
        guard case .bookmark("77") = try WatchEvent<Pod>(parsing: Array(line.utf8)) else {
            Issue.record("no bookmark")
            return
        }
    }

    @Test func `what a selector says survives the query`() {
        let path = query(
            "/api/v1/pods", [("labelSelector", "app in (web, db),tier!=x"), ("limit", nil)])
        #expect(path == "/api/v1/pods?labelSelector=app%20in%20%28web%2C%20db%29%2Ctier%21%3Dx")
    }
}
