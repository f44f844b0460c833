import ClientRules
import Objects
import Simulation
import Testing

private func unreadable(_ name: String, uid: String = "", version: Int) -> Unreadable {
    Unreadable(
        [
            "metadata": [
                "name": .string(name), "namespace": "shop", "uid": .string(uid),
                "resourceVersion": .string("\(version)"),
            ]
        ], because: APIError(code: 0, reason: "", message: "no spec"))
}

private func pod(_ name: String, version: Int) -> Pod {
    Pod().with {
        $0.metadata = ObjectMeta(name: name, namespace: "shop")
        $0.metadata.resourceVersion = "\(version)"
    }
}

@Suite struct ObjectCacheTests {
    @Test func `an older version of a known object is dropped, whether listed or watched`() {
        var cache = ObjectCache<Pod>()
        _ = cache.replace(with: Listing([pod("a", version: 9)], resourceVersion: "9"))
        let change11 = cache.apply(.modified(pod("a", version: 8)))
        #expect(change11 == nil)
        let change18 = cache.replace(with: Listing([pod("a", version: 7)], resourceVersion: "7"))
        #expect(change18.isEmpty)
        #expect(cache.objects["shop/a"]?.metadata.resourceVersion == "9")
    }

    @Test func `versions are compared as numbers and not as texts`() {
        var cache = ObjectCache<Pod>()
        _ = cache.replace(with: Listing([pod("a", version: 9)], resourceVersion: "9"))
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
            with: Listing([pod("a", version: 1), pod("b", version: 2)], resourceVersion: "2"))
        let changes = cache.replace(
            with: Listing([pod("b", version: 2), pod("c", version: 5)], resourceVersion: "6"))
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
        _ = cache.replace(with: Listing([pod("a", version: 20)], resourceVersion: "20"))
        let change12 = cache.apply(.deleted(pod("a", version: 15)))
        #expect(change12 == nil)
        let change13 = cache.apply(.deleted(pod("a", version: 21)))
        #expect(change13 != nil)
        #expect(cache.objects.isEmpty)
    }

    @Test func `a bookmark moves the version on and changes nothing else`() {
        var cache = ObjectCache<Pod>()
        _ = cache.replace(with: Listing([pod("a", version: 3)], resourceVersion: "3"))
        let change14 = cache.apply(.bookmark("40"))
        #expect(change14 == nil)
        #expect(cache.resourceVersion == "40" && cache.objects.count == 1)
    }

    @Test func `an own write is learnt at once, and the watch's echo of it is no second change`() {
        var cache = ObjectCache<Pod>()
        _ = cache.replace(with: Listing([], resourceVersion: "5"))
        let change15 = cache.learn(pod("a", version: 6))
        #expect(change15 != nil)
        let change16 = cache.apply(.added(pod("a", version: 6)))
        #expect(change16 == nil)
    }

    @Test func `what was deleted before its writer heard of the write does not rise again`() {
        var cache = ObjectCache<Pod>()
        _ = cache.replace(with: Listing([], resourceVersion: "5"))
        _ = cache.apply(.added(pod("a", version: 6)))
        _ = cache.apply(.deleted(pod("a", version: 7)))
        let change17 = cache.learn(pod("a", version: 6))
        #expect(change17 == nil)
        #expect(cache.objects.isEmpty)
    }

    @Test func `what was learnt after a list was made is not gone for want of it in the list`() {
        var cache = ObjectCache<Pod>()
        _ = cache.replace(with: Listing([], resourceVersion: "5"))
        _ = cache.learn(pod("young", version: 9))
        let changes = cache.replace(with: Listing([pod("a", version: 7)], resourceVersion: "8"))
        #expect(changes.map(\.key) == ["shop/a"])
        #expect(cache.objects.keys.sorted() == ["shop/a", "shop/young"])
        let later = cache.replace(with: Listing([], resourceVersion: "10"))
        #expect(later.count == 2 && cache.objects.isEmpty)
    }

    @Test func `an object that can't be read any more stays as it was, until it is gone`() {
        var cache = ObjectCache<Pod>()
        _ = cache.replace(with: Listing([pod("a", version: 3)], resourceVersion: "3"))
        let changed = cache.apply(.unreadable(unreadable("a", version: 4), isDeleted: false))
        #expect(changed == nil)
        let listed = cache.replace(
            with: Listing([], unreadable: [unreadable("a", version: 4)], resourceVersion: "6"))
        #expect(listed.isEmpty && cache.objects.count == 1)
        guard
            case .deleted(let last) = cache.apply(
                .unreadable(unreadable("a", version: 7), isDeleted: true))
        else {
            Issue.record("it is gone")
            return
        }
        #expect(last.metadata.resourceVersion == "3")
        #expect(cache.resourceVersion == "7" && cache.objects.isEmpty)
    }

    @Test func `one that can't be read takes the name of one that could, and that one is gone`() {
        var cache = ObjectCache<Pod>()
        _ = cache.replace(with: Listing([pod("a", version: 3)], resourceVersion: "3"))
        let change = cache.apply(
            .unreadable(unreadable("a", uid: "another", version: 9), isDeleted: false))
        #expect(change?.key == "shop/a" && cache.objects.isEmpty)
    }

    @Test func `an object that took another's name is a deletion and an addition`() {
        var cache = ObjectCache<Pod>()
        _ = cache.replace(with: Listing([pod("a", version: 3)], resourceVersion: "3"))
        var other = pod("a", version: 8)
        other.metadata.uid = "another"
        let steps = cache.apply(.modified(other))?.steps ?? []
        #expect(steps.count == 2)
        guard case .deleted = steps.first, case .added = steps.last else {
            Issue.record("\(steps)")
            return
        }
    }

    @Test("An index finds what a search finds, after any sequence of changes", arguments: 0..<40)
    func indexes(seed: UInt64) {
        var dice = Dice(seed: seed)
        var cache = ObjectCache<Pod>(indexes: ["node": .byNode, "label": .byLabel])
        var version = 0
        for _ in 0..<200 {
            version += 1
            var pod = pod("p\(dice.next() % 12)", version: version)
            let node = Int(dice.next() % 4)
            if node > 0 { pod.spec.nodeName = "n\(node)" }
            pod.metadata.labels = ["app": "a\(dice.next() % 3)"]
            switch dice.next() % 8 {
            case 0: _ = cache.apply(.deleted(pod))
            case 1: _ = cache.learn(pod)
            case 2: _ = cache.replace(with: Listing([pod], resourceVersion: "\(version)"))
            default: _ = cache.apply(.modified(pod))
            }
        }
        for node in ["n1", "n2", "n3"] {
            let there = cache.objects.values.filter { $0.spec.nodeName == node }.map(\.key)
            #expect(cache.objects("node", node).map(\.key) == there.sorted(), "seed \(seed)")
            #expect(cache.values("node").contains(node) == !there.isEmpty)
        }
        for app in ["a0", "a1", "a2"] {
            let there = cache.objects.values.filter { $0.metadata.labels?["app"] == app }
            let found = cache.objects("label", labelValue("shop", "app", app))
            #expect(found.map(\.key) == there.map(\.key).sorted(), "seed \(seed)")
        }
    }
}
