import APIServer
import Testing

@Suite("The watch cache")
struct WatchCacheTests {
    func object(_ name: String) -> [UInt8] { Array("{\"metadata\":{\"name\":\"\(name)\"}}".utf8) }
    func key(_ name: String) -> String { "/registry/pods/default/\(name)" }

    @Test("An object leaves with the revision of its record as resourceVersion")
    func resourceVersion() {
        var cache = WatchCache()
        cache.load([Stored(key: key("a"), value: object("a"), revision: 7)], revision: 9)
        let entry = cache.entry("pods", key: key("a"))
        #expect(
            entry.map { String(decoding: $0.bytes, as: UTF8.self) }
                == "{\"metadata\":{\"resourceVersion\":\"7\",\"name\":\"a\"}}")
        #expect(cache.revision == 9)
    }

    @Test("Lists are in the order of keys, and a namespace's list holds no other's")
    func order() {
        var cache = WatchCache()
        cache.load([], revision: 1)
        for (revision, name) in ["c", "a", "b"].enumerated() {
            cache.apply(key: key(name), value: object(name), revision: revision + 2)
        }
        cache.apply(key: "/registry/pods/default-2/x", value: object("x"), revision: 5)
        let keys = cache.entries("pods", prefix: "/registry/pods/default/").map(\.key)
        #expect(keys == [key("a"), key("b"), key("c")])
        #expect(cache.entries("pods", prefix: "/registry/pods/").count == 4)
        // A namespace may be called as the resource is.
        #expect(cache.entries("pods", prefix: "/registry/pods/pods/").isEmpty)
    }

    @Test("Keys are bytes: two objects whose names look alike are two")
    func bytes() {
        var cache = WatchCache()
        cache.load([], revision: 1)
        let names = ["e\u{301}", "\u{e9}", "ez"]
        for (revision, name) in names.enumerated() {
            cache.apply(key: key(name), value: object(name), revision: revision + 2)
        }
        let found = cache.entries("pods", prefix: key("")).map { Array($0.key.utf8) }
        #expect(found == [key("ez"), key("e\u{301}"), key("\u{e9}")].map { Array($0.utf8) })
        for (revision, name) in names.enumerated() {
            #expect(cache.entry("pods", key: key(name))?.revision == revision + 2)
        }
    }

    @Test("A deletion carries the object as it was, with the deletion's revision")
    func deletion() throws {
        var cache = WatchCache()
        cache.load([Stored(key: key("a"), value: object("a"), revision: 2)], revision: 2)
        cache.apply(key: key("a"), value: nil, revision: 3)
        let event = try #require(cache.history("pods", prefix: "/registry/pods/", after: 2).first)
        #expect(event.isDeletion)
        #expect(String(decoding: event.bytes, as: UTF8.self).contains("\"resourceVersion\":\"3\""))
        #expect(cache.entry("pods", key: key("a")) == nil)
    }

    @Test("History goes back to the load at most, and forgets the oldest beyond its bound")
    func floor() {
        var cache = WatchCache()
        cache.load([], revision: 100)
        cache.apply(key: key("a"), value: object("a"), revision: 101)
        #expect(cache.floor("pods") == 100)
        for revision in 102..<(102 + 3 * WatchCache.historyMax) {
            cache.apply(key: key("a"), value: object("a"), revision: revision)
        }
        let floor = cache.floor("pods")
        #expect(floor > 100)
        // Every change after the floor is remembered, none twice.
        let revisions = cache.history("pods", prefix: "/registry/pods/", after: floor).map(
            \.revision)
        #expect(revisions == Array((floor + 1)...cache.revision))
    }

    @Test("A watcher is told of its own namespace, in order, and ends when its time is up")
    func watcher() async {
        var cache = WatchCache()
        cache.load([], revision: 1)
        let (signals, tell) = AsyncStream<WatchCache.Signal>.makeStream()
        _ = cache.add(
            WatchCache.Watcher(
                resource: "pods", prefix: "/registry/pods/default/", bookmarks: true,
                deadlineMilliseconds: 1000, tell: tell))
        cache.apply(key: key("a"), value: object("a"), revision: 2)
        cache.apply(key: "/registry/pods/other/a", value: object("a"), revision: 3)
        cache.apply(key: "/registry/nodes/a", value: object("a"), revision: 4)
        cache.tick(nowMilliseconds: 500, sendBookmarks: true)
        cache.tick(nowMilliseconds: 1000, sendBookmarks: true)
        var told: [String] = []
        for await signal in signals {
            switch signal {
            case .event(let event): told.append("\(event.key)@\(event.revision)")
            case .bookmark(let revision): told.append("bookmark@\(revision)")
            }
        }
        #expect(told == ["\(key("a"))@2", "bookmark@4"])
    }

    @Test(
        "A path says what it is about",
        arguments: [
            ("api/v1/pods", "/v1 pods - - -"), ("api/v1/namespaces/x", "/v1 namespaces - x -"),
            ("api/v1/namespaces/x/finalize", "/v1 namespaces - x finalize"),
            ("api/v1/namespaces/x/pods/p/log", "/v1 pods x p log"),
            ("apis/apps/v1/namespaces/x/deployments", "apps/v1 deployments x - -"),
            ("apis/apps/v1", "none"), ("healthz", "none"), ("api/v1/pods/a/b/c", "none"),
        ])
    func paths(path: String, expected: String) {
        let target = Target(path: path.split(separator: "/").map(String.init))
        let text = target.map {
            "\($0.group)/\($0.version) \($0.resource) \($0.namespace ?? "-") \($0.name ?? "-") \($0.subresource ?? "-")"
        }
        #expect((text ?? "none") == expected)
    }
}
