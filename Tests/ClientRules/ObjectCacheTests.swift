import ClientRules
import Objects
import Testing

private func pod(_ name: String, version: Int) -> Pod {
    Pod().with {
        $0.metadata = ObjectMeta(name: name, namespace: "shop")
        $0.metadata.resourceVersion = "\(version)"
    }
}

@Suite struct ObjectCacheTests {
    @Test func `an older version of a known object is dropped, whether listed or watched`() {
        var cache = ObjectCache<Pod>()
        _ = cache.replace(with: [pod("a", version: 9)], resourceVersion: "9")
        let change11 = cache.apply(.modified(pod("a", version: 8)))
        #expect(change11 == nil)
        let change18 = cache.replace(with: [pod("a", version: 7)], resourceVersion: "7")
        #expect(change18.isEmpty)
        #expect(cache.objects["shop/a"]?.metadata.resourceVersion == "9")
    }

    @Test func `versions are compared as numbers and not as texts`() {
        var cache = ObjectCache<Pod>()
        _ = cache.replace(with: [pod("a", version: 9)], resourceVersion: "9")
        guard case .updated(let old, let new) = cache.apply(.modified(pod("a", version: 10))) else {
            Issue.record("10 is younger than 9")
            return
        }
        #expect(old.metadata.resourceVersion == "9" && new.metadata.resourceVersion == "10")
        #expect(cache.resourceVersion == "10")
    }

    @Test func `a relist reports what has gone meanwhile`() {
        var cache = ObjectCache<Pod>()
        _ = cache.replace(
            with: [pod("a", version: 1), pod("b", version: 2)], resourceVersion: "2")
        let changes = cache.replace(
            with: [pod("b", version: 2), pod("c", version: 5)], resourceVersion: "6")
        let words = changes.map { change in
            switch change {
            case .added: "added \(change.key)"
            case .updated: "updated \(change.key)"
            case .deleted: "deleted \(change.key)"
            }
        }
        #expect(words == ["deleted shop/a", "added shop/c"])
    }

    @Test func `a deletion that is older than the object that took the name is not believed`() {
        var cache = ObjectCache<Pod>()
        _ = cache.replace(with: [pod("a", version: 20)], resourceVersion: "20")
        let change12 = cache.apply(.deleted(pod("a", version: 15)))
        #expect(change12 == nil)
        let change13 = cache.apply(.deleted(pod("a", version: 21)))
        #expect(change13 != nil)
        #expect(cache.objects.isEmpty)
    }

    @Test func `a bookmark moves the version on and changes nothing else`() {
        var cache = ObjectCache<Pod>()
        _ = cache.replace(with: [pod("a", version: 3)], resourceVersion: "3")
        let change14 = cache.apply(.bookmark("40"))
        #expect(change14 == nil)
        #expect(cache.resourceVersion == "40" && cache.objects.count == 1)
    }

    @Test func `an own write is learnt at once, and the watch's echo of it is no second change`() {
        var cache = ObjectCache<Pod>()
        _ = cache.replace(with: [], resourceVersion: "5")
        let change15 = cache.learn(pod("a", version: 6))
        #expect(change15 != nil)
        let change16 = cache.apply(.added(pod("a", version: 6)))
        #expect(change16 == nil)
    }

    @Test func `what was deleted before its writer heard of the write does not rise again`() {
        var cache = ObjectCache<Pod>()
        _ = cache.replace(with: [], resourceVersion: "5")
        _ = cache.apply(.added(pod("a", version: 6)))
        _ = cache.apply(.deleted(pod("a", version: 7)))
        let change17 = cache.learn(pod("a", version: 6))
        #expect(change17 == nil)
        #expect(cache.objects.isEmpty)
    }
}
