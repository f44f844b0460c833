import ControllerRules
import Objects
import Testing

private func owner(_ uid: String) -> OwnerReference {
    OwnerReference(
        apiVersion: "apps/v1", kind: "ReplicaSet", name: uid, uid: uid, controller: true,
        blockOwnerDeletion: true)
}

private func item(
    _ uid: String, owners: [String] = [], finalizers: [String] = [], deleting: Bool = false
) -> GarbageItem {
    var meta = ObjectMeta(name: uid, namespace: "shop")
    meta.uid = uid
    meta.ownerReferences = owners.map(owner)
    meta.finalizers = finalizers
    meta.deletionTimestamp = deleting ? Timestamp(seconds: 1) : nil
    return GarbageItem(Pod(metadata: meta))
}

@Suite struct OwnerGraphTests {
    @Test func `what has lost all owners goes, what has lost one forgets that one`() {
        let graph = OwnerGraph()
        let pod = item("p", owners: ["a", "b"])
        #expect(graph.verdict(on: pod, absent: []) == .keep)
        #expect(graph.verdict(on: pod, absent: ["a"]) == .disown(["a"]))
        #expect(graph.verdict(on: pod, absent: ["a", "b"]) == .delete)
    }

    @Test func `a foreground deletion waits until the last blocking dependent is gone`() {
        var graph = OwnerGraph()
        let set = item("s", finalizers: ["foregroundDeletion"], deleting: true)
        graph.put(set)
        graph.put(item("p", owners: ["s"]))
        #expect(
            graph.verdict(on: set, absent: [])
                == .foreground(delete: [item("p", owners: ["s"])], isDone: false))
        graph.put(item("p", owners: ["s"], deleting: true))
        #expect(graph.verdict(on: set, absent: []) == .foreground(delete: [], isDone: false))
        graph.remove("p")
        #expect(graph.verdict(on: set, absent: []) == .foreground(delete: [], isDone: true))
    }

    @Test func `orphans are let go of before their owner is`() {
        var graph = OwnerGraph()
        graph.put(item("p", owners: ["s"]))
        let set = item("s", finalizers: ["orphan"], deleting: true)
        #expect(graph.verdict(on: set, absent: []) == .orphan([item("p", owners: ["s"])]))
    }

    @Test func `a pod that changed its owner is no longer found below the old one`() {
        var graph = OwnerGraph()
        graph.put(item("p", owners: ["a"]))
        graph.put(item("p", owners: ["b"]))
        #expect(graph.dependents(of: "a").isEmpty)
        #expect(graph.dependents(of: "b").map(\.uid) == ["p"])
    }
}
