import Bytes
import Consensus
import SolutionRaft
import StoreRules
import Testing

/// Who is told what: the tables of those who wait, apart from any cluster.
@Suite struct RequestsTests {
    @Test func `a command of a former life wakes nobody, though its number is the same`() {
        var before = Requests<String>(member: 1, incarnation: 111)
        let old = before.add("old", bytes: 1, deadline: 10)
        var after = Requests<String>(member: 1, incarnation: 222)
        let new = after.add("new", bytes: 1, deadline: 10)
        #expect(old.number == new.number)
        #expect(after.take(old) == nil)
        #expect(after.take(new) == "new")
        #expect(after.take(new) == nil)
    }

    @Test func `another member's command wakes nobody`() {
        var requests = Requests<String>(member: 1, incarnation: 111)
        var id = requests.add("mine", bytes: 1, deadline: 10)
        id.member = 2
        #expect(requests.take(id) == nil)
    }

    @Test func `those whose time is over come in the order in which they came, with their bytes`() {
        var requests = Requests<Int>(member: 1, incarnation: 111)
        for number in 0..<20 {
            _ = requests.add(number, bytes: 100, deadline: number.isMultiple(of: 2) ? 5 : 50)
        }
        #expect(requests.takeExpired(now: 5) == Array(stride(from: 0, to: 20, by: 2)))
        #expect(requests.bytes == 1000)
        #expect(requests.takeAll().count == 10)
        #expect(requests.isEmpty && requests.bytes == 0)
    }

    @Test func `a logged command comes back as it was, also without anybody who waits`() throws {
        let id = RequestID(member: 3, incarnation: .max >> 2, number: 17)
        for command in [
            LoggedCommand(request: id, body: [1, 2, 3]), LoggedCommand(request: nil, body: []),
        ] {
            #expect(try LoggedCommand(decoding: command.encoded) == command)
        }
        #expect(throws: ByteReader.Malformed.self) { try LoggedCommand(decoding: []) }
    }

    @Test func `what an older kit logged is done, and nobody is told`() throws {
        var writer = ByteWriter()
        writer.int(1)
        writer.int(7)
        writer.raw([1, 42])
        let command = try LoggedCommand(decoding: writer.bytes)
        #expect(command == LoggedCommand(request: nil, body: [1, 42]))
    }
}

@Suite struct ReadBarrierTests {
    @Test func `an answer to a question of a former life says nothing about a new one`() {
        var before = ReadBarrier<String>(incarnation: 111)
        before.add("old", deadline: 100)
        let old = before.question(now: 0, retryMilliseconds: 500)!
        var after = ReadBarrier<String>(incarnation: 222)
        after.add("new", deadline: 100)
        let new = after.question(now: 0, retryMilliseconds: 500)!
        after.confirmed(old, index: 3)
        #expect(after.ready(appliedIndex: 3) == [])
        after.confirmed(new, index: 4)
        #expect(after.ready(appliedIndex: 3) == [])
        #expect(after.ready(appliedIndex: 4) == ["new"])
        #expect(after.ready(appliedIndex: 4) == [])
    }

    @Test func `a question that nobody answers is asked again, with those who came meanwhile`() {
        var barrier = ReadBarrier<Int>(incarnation: 0)
        barrier.add(1, deadline: 9000)
        #expect(barrier.question(now: 0, retryMilliseconds: 500) != nil)
        barrier.add(2, deadline: 9000)
        #expect(barrier.question(now: 499, retryMilliseconds: 500) == nil)
        let again = barrier.question(now: 500, retryMilliseconds: 500)!
        barrier.confirmed(again, index: 1)
        #expect(barrier.ready(appliedIndex: 1) == [1, 2])
        #expect(barrier.isEmpty)
    }
}

/// A member alone among three, whom nobody answers.
@Suite struct RefusalTests {
    private func lonely() throws -> Replica<Int, Int> {
        let raft = try RaftMember(id: 1, members: [1, 2, 3], rules: Raft(), seed: 1, now: 0)
        return Replica(raft: raft, appliedIndex: 0, incarnation: 1, now: 0)
    }

    @Test func `a member without a leader lets clients wait for a while, and then refuses at once`()
        throws
    {
        var replica = try lonely()
        try replica.change([1], for: 7, now: 100)
        try replica.read(8, now: 100)
        var refused: [Int] = []
        for now in stride(from: 100, through: 1900, by: 20) {
            try replica.tick(now: now)
            let actions = try replica.takeActions(now: now)
            refused += actions.refusedWriters.map(\.0) + actions.refusedReaders.map(\.0)
        }
        #expect(refused == [])
        try replica.tick(now: 2000)
        let actions = try replica.takeActions(now: 2000)
        #expect(actions.refusedWriters.map(\.0) == [7] && actions.refusedReaders.map(\.0) == [8])
        #expect(actions.refusedWriters.map(\.1) == [.noLeader])
        #expect(throws: Replica<Int, Int>.Refusal.noLeader) {
            try replica.change([2], for: 9, now: 2001)
        }
        #expect(throws: Replica<Int, Int>.Refusal.noLeader) { try replica.read(9, now: 2001) }
    }

    @Test func `what a client was told is over is never proposed, when a leader comes`() throws {
        var replica = try lonely()
        try replica.change([1], for: 7, now: 100)
        try replica.tick(now: 2100)
        _ = try replica.takeActions(now: 2100)
        let heartbeat = Append(
            previousIndex: 0, previousTerm: 0, entries: [], commitIndex: 0, round: 1)
        try replica.receive(Message(from: 2, to: 1, term: 1, body: .append(heartbeat)), now: 2200)
        let actions = try replica.takeActions(now: 2200)
        #expect(
            !actions.messages.contains {
                if case .forward = $0.body { return true }
                return false
            })
        // The next one goes to the leader.
        try replica.change([2], for: 9, now: 2201)
        let later = try replica.takeActions(now: 2201)
        #expect(
            later.messages.contains {
                if case .forward(let payloads) = $0.body { return payloads.count == 1 }
                return false
            })
    }

    @Test func `commands beyond a number of bytes are refused until others are answered`() throws {
        var replica = try lonely()
        let body = [UInt8](repeating: 0, count: 1 << 20)
        for number in 0..<64 { try replica.change(body, for: number, now: 1) }
        #expect(throws: Replica<Int, Int>.Refusal.tooManyRequests) {
            try replica.change(body, for: 64, now: 1)
        }
        #expect(replica.takeWriters().count == 64)
        try replica.change(body, for: 65, now: 2)
    }
}
