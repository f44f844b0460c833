import ControllerRules
import Objects
import Testing

private func owner(_ uid: String, blocks: Bool = true) -> OwnerReference {
    OwnerReference(
        apiVersion: "v1", kind: "Pod", name: uid, uid: uid, controller: false,
        blockOwnerDeletion: blocks)
}

private func item(
    _ uid: String, owners: [String] = [], finalizers: [String] = [], deleting: Bool = false,
    namespace: String? = "shop"
) -> GarbageItem {
    var meta = ObjectMeta(name: uid, namespace: namespace)
    meta.uid = uid
    meta.ownerReferences = owners.map { owner($0) }
    meta.finalizers = finalizers
    meta.deletionTimestamp = deleting ? Timestamp(seconds: 1) : nil
    return GarbageItem(meta, of: Pod.resource)
}

private func graph(_ items: GarbageItem...) -> OwnerGraph {
    var graph = OwnerGraph()
    for item in items { graph.put(item) }
    return graph
}

@Suite struct OwnerGraphTests {
    @Test func `what has lost all owners goes, what has lost one forgets that one`() {
        let graph = OwnerGraph()
        let pod = item("p", owners: ["a", "b"])
        #expect(graph.verdict(on: pod, absent: []) == .keep)
        #expect(graph.verdict(on: pod, absent: ["a"]) == .disown(["a"]))
        #expect(graph.verdict(on: pod, absent: ["a", "b"]) == .delete(inForeground: false))
    }

    @Test func `a foreground deletion waits until the last blocking dependent is gone`() {
        let set = item("s", finalizers: ["foregroundDeletion"], deleting: true)
        let pod = item("p", owners: ["s"])
        var graph = graph(set, pod)
        #expect(graph.verdict(on: set, absent: []) == .foreground(look: [pod], isDone: false))
        #expect(graph.verdict(on: pod, absent: []) == .delete(inForeground: false))
        graph.put(item("p", owners: ["s"], deleting: true))
        #expect(graph.verdict(on: set, absent: []) == .foreground(look: [], isDone: false))
        graph.remove("p")
        #expect(graph.verdict(on: set, absent: []) == .foreground(look: [], isDone: true))
    }

    @Test func `a dependent with another owner that stays outlives a foreground deletion`() {
        let set = item("s", finalizers: ["foregroundDeletion"], deleting: true)
        let pod = item("p", owners: ["s", "other"])
        let graph = graph(set, pod, item("other"))
        #expect(graph.verdict(on: pod, absent: []) == .disown(["s"]))
    }

    @Test func `a dependent that has dependents is deleted in the foreground itself`() {
        let top = item("t", finalizers: ["foregroundDeletion"], deleting: true)
        let graph = graph(top, item("m", owners: ["t"]), item("b", owners: ["m"]))
        #expect(
            graph.verdict(on: item("m", owners: ["t"]), absent: []) == .delete(inForeground: true))
    }

    @Test func `orphans are let go of before their owner is`() {
        let set = item("s", finalizers: ["orphan"], deleting: true)
        let graph = graph(set, item("p", owners: ["s"]))
        #expect(graph.verdict(on: set, absent: []) == .orphan([item("p", owners: ["s"])]))
    }

    @Test func `a pod that changed its owner is no longer found below the old one`() {
        let graph = graph(item("p", owners: ["a"]), item("p", owners: ["b"]))
        #expect(graph.dependents(of: item("a")).isEmpty)
        #expect(graph.dependents(of: item("b")).map(\.uid) == ["p"])
    }

    @Test func `an owner in another namespace is nobody's, one outside of all is anybody's`() {
        let pod = item("p", owners: ["o"])
        let elsewhere = item("o", namespace: "other")
        #expect(!graph(elsewhere).isThere(owner("o"), of: pod))
        #expect(graph(elsewhere, pod).dependents(of: elsewhere).isEmpty)
        let outside = item("o", namespace: nil)
        #expect(graph(outside).isThere(owner("o"), of: pod))
        #expect(graph(outside, pod).dependents(of: outside) == [pod])
    }

    @Test(
        "In a circle of owners that are all to go in the foreground none waits for ever",
        arguments: 1...5)
    func circles(size: Int) {
        let uids = (0..<size).map { "o\($0)" }
        var items: [String: GarbageItem] = [:]
        for (index, uid) in uids.enumerated() {
            items[uid] = item(
                uid, owners: [uids[(index + 1) % size]],
                finalizers: index == 0 ? ["foregroundDeletion"] : [], deleting: index == 0)
        }
        // As the collector and the API server would, until nothing changes any more.
        for _ in 0..<(4 * size + 4) {
            var graph = OwnerGraph()
            for item in items.values { graph.put(item) }
            for (uid, one) in items.sorted(by: { $0.key < $1.key }) {
                let absent = Set(one.owners.map(\.uid).filter { items[$0] == nil })
                switch graph.verdict(on: one, absent: absent) {
                case .delete(true):
                    items[uid] = item(
                        uid, owners: one.owners.map(\.uid), finalizers: ["foregroundDeletion"],
                        deleting: true)
                case .delete(false), .foreground(_, isDone: true): items[uid] = nil
                default: break
                }
                graph = OwnerGraph()
                for item in items.values { graph.put(item) }
            }
        }
        #expect(items.isEmpty, "\(items.keys.sorted()) are left of a circle of \(size)")
    }

    @Test func `a circle waits for what it holds from outside`() {
        let a = item("a", owners: ["b"], finalizers: ["foregroundDeletion"], deleting: true)
        let b = item("b", owners: ["a"], finalizers: ["foregroundDeletion"], deleting: true)
        let pod = item("p", owners: ["a"], deleting: true)
        #expect(graph(a, b, pod).verdict(on: a, absent: []) == .foreground(look: [], isDone: false))
        #expect(graph(a, b, pod).verdict(on: b, absent: []) == .foreground(look: [], isDone: true))
    }
}
