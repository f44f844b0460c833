import EtcdAPI
import Foundation
import GRPCCore
import GRPCNIOTransportHTTP2
import Linux
import Testing

/// The same seeded requests to a fresh store of ours and a fresh etcd, by one client; every answer is compared, field
/// by field, and in the end all that the watches were told. `DRYDOCK_OPERATIONS` and `DRYDOCK_SEED` make it longer.
@Suite(
    .serialized,
    .enabled(
        if: StoreRig.isBuilt && StoreRig.hasEtcd, "needs raft built, etcd and etcdctl installed"))
struct DifferentialTests {
    static let operations = environmentVariable("DRYDOCK_OPERATIONS").flatMap { Int($0) } ?? 600
    static let seeds: [UInt64] =
        environmentVariable("DRYDOCK_SEED").flatMap { UInt64($0) }.map { [$0] } ?? [1, 2]

    @Test(arguments: seeds)
    func `whatever is asked, ours and etcd answer the same`(seed: UInt64) async throws {
        let (ours, etcd) = (try StoreRig(.ours, members: 1), try StoreRig(.etcd, members: 1))
        for rig in [ours, etcd] { #expect(try rig.waitUntilReady()) }
        try await EtcdClient.with(ours.port(1)) { mine in
            try await EtcdClient.with(etcd.port(1)) { theirs in
                try await compare(mine, theirs, seed)
            }
        }
    }

    private func compare(_ mine: EtcdClient, _ theirs: EtcdClient, _ seed: UInt64) async throws {
        var requests = RandomRequests(seed: seed)
        var differences = 0
        for number in 0..<Self.operations {
            let request = requests.next()
            async let first = mine.answer(request)
            async let second = theirs.answer(request)
            let (own, other) = try await (first, second)
            requests.note(own)
            guard own != other else { continue }
            differences += 1
            Issue.record(
                "seed \(seed), operation \(number): \(request)\nours: \(own.text)\netcd: \(other.text)"
            )
            if differences == 5 { return }
        }
        let isSame = await mine.hears(the: theirs, within: .seconds(20))
        let (told, toldByEtcd) = (await mine.heard.events, await theirs.heard.events)
        #expect(isSame && told.count == toldByEtcd.count, "seed \(seed): watches")
        for id in Set(told.keys).union(toldByEtcd.keys).sorted() where told[id] != toldByEtcd[id] {
            let (own, other) = (told[id] ?? [], toldByEtcd[id] ?? [])
            let place = zip(own, other).prefix { $0 == $1 }.count
            func word(_ list: [String]) -> String { place < list.count ? list[place] : "nothing more" }
            Issue.record(
                "seed \(seed), watch \(id), after \(place) of \(own.count) and \(other.count): \(word(own))\nnot \(word(other))")
        }
        #expect(
            requests.kinds.count == RandomRequests.kindCount, "not every kind of request was made")
    }
}
