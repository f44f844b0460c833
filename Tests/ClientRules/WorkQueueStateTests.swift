import ClientRules
import Testing

@Suite struct WorkQueueStateTests {
    @Test func `a key that waits is not queued again`() {
        var queue = WorkQueueState()
        let outcome1 = queue.add("a")
        #expect(outcome1)
        let outcome2 = queue.add("a")
        #expect(!outcome2)
        let outcome3 = queue.take()
        #expect(outcome3 == "a")
        let outcome4 = queue.take()
        #expect(outcome4 == nil)
    }

    @Test
    func `a key that changes while it is worked on comes again, and only when that work is done`() {
        var queue = WorkQueueState()
        _ = queue.add("a")
        _ = queue.take()
        let outcome5 = queue.add("a")
        #expect(!outcome5)
        let outcome6 = queue.take()
        #expect(outcome6 == nil)
        let outcome7 = queue.done("a")
        #expect(outcome7)
        let outcome8 = queue.take()
        #expect(outcome8 == "a")
        let outcome9 = queue.done("a")
        #expect(!outcome9)
        #expect(queue.count == 0)
    }

    @Test func `keys come in the order in which they were added`() {
        var queue = WorkQueueState()
        for key in ["c", "a", "b"] { _ = queue.add(key) }
        let order = [queue.take(), queue.take(), queue.take()]
        #expect(order == ["c", "a", "b"])
    }

    @Test func `failures are counted in a row and forgotten after a success`() {
        var queue = WorkQueueState()
        let counts = [queue.failed("a"), queue.failed("a")]
        #expect(counts == [1, 2])
        queue.forget("a")
        let outcome10 = queue.failed("a")
        #expect(outcome10 == 1)
    }

    @Test(arguments: [(1, 5), (2, 10), (3, 20), (8, 640), (9, 1000), (100, 1000)])
    func `the back-off doubles up to its limit`(failures: Int, milliseconds: Int) {
        let backoff = Backoff(firstMilliseconds: 5, limitMilliseconds: 1000)
        #expect(backoff.milliseconds(failures: failures) == milliseconds)
    }
}
