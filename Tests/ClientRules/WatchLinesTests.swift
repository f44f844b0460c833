import ClientRules
import JSON
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

    @Test
    func `an event about an object that can't be read names it and the reason, and ends nothing`()
        throws
    {
        let line = #"""
            {"type":"MODIFIED","object":{"metadata":{"name":"web","namespace":"shop","uid":"u",
            "resourceVersion":"9"},"spec":{"containers":[],"volumes":[{"name":7}]}}}
            """#
        guard
            case .unreadable(let object, isDeleted: false) = try WatchEvent<Pod>(
                parsing: Array(line.utf8))
        else {
            Issue.record("it can't be read")
            return
        }
        #expect(object.key == "shop/web" && object.uid == "u" && object.resourceVersion == "9")
        #expect(object.reason.hasPrefix("spec.volumes[0].name: "), "\(object.reason)")
    }

    @Test func `a list is read item by item`() throws {
        let list = try JSON(
            parsing: #"""
                {"metadata":{"resourceVersion":"12"},"items":[
                {"metadata":{"name":"a","namespace":"shop"},"spec":{"containers":[]}},
                {"metadata":{"name":"b","namespace":"shop"},"spec":7},
                {"metadata":{"name":"c","namespace":"shop"},"spec":{"containers":[]}}]}
                """#)
        let listing = Listing<Pod>(list)
        #expect(listing.items.map(\.key) == ["shop/a", "shop/c"])
        #expect(listing.unreadable.map(\.key) == ["shop/b"])
        #expect(listing.resourceVersion == "12")
    }

    @Test func `what can't be read is named once, and again when the reason is another`() {
        func object(_ reason: String) -> Unreadable {
            Unreadable(
                ["metadata": ["name": "a"]],
                because: APIError(code: 0, reason: reason, message: ""))
        }
        var named = NamedOnce()
        let news = ["x", "x", "y", "y"].map { named.isNews(object($0), of: "pods") }
        #expect(news == [true, false, true, false])
        let ofAnotherKind = named.isNews(object("y"), of: "services")
        #expect(ofAnotherKind)
    }
}
