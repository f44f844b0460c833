import APIServer
import Testing

/// So that an expectation can change it.
private final class Box {
    private var numbers = Allocations<Int>()

    func claim(_ number: Int, for owner: String, anew: Bool = false) -> Bool {
        numbers.claim(number, for: owner, anew: anew)
    }
    func release(_ released: [Int]) { numbers.release(released) }
    func note(_ owner: String, _ revision: Int, _ stored: Set<Int>) {
        numbers.note(owner, revision, stored)
    }
    func forget(except present: Set<String>, asOf revision: Int) {
        numbers.forget(except: present, asOf: revision)
    }
}

@Suite("Allocations")
struct AllocationsTests {
    @Test("A number is its owner's while it is stored or claimed, and nobody else's")
    func owned() {
        let numbers = Box()
        #expect(numbers.claim(1, for: "a"))
        #expect(!numbers.claim(1, for: "b"))
        numbers.note("a", 5, [1])
        numbers.release([1])
        #expect(!numbers.claim(1, for: "b"))
        numbers.note("a", 6, [])
        #expect(numbers.claim(1, for: "b"))
    }

    @Test("Of two requests of one owner, the one that fails frees nothing of the other's")
    func twoRequests() {
        let numbers = Box()
        #expect(numbers.claim(1, for: "a"))
        #expect(numbers.claim(1, for: "a"))
        numbers.release([1])
        #expect(!numbers.claim(1, for: "b"))
        numbers.release([1])
        #expect(numbers.claim(1, for: "b"))
    }

    @Test("News that come late don't undo newer ones")
    func lateNews() {
        let numbers = Box()
        numbers.note("a", 7, [1])
        numbers.note("a", 6, [])
        #expect(!numbers.claim(1, for: "b"))
        numbers.forget(except: [], asOf: 6)
        #expect(!numbers.claim(1, for: "b"))
        numbers.forget(except: [], asOf: 7)
        #expect(numbers.claim(1, for: "b"))
    }

    @Test("A number that is handed out anew is not even its owner's")
    func anew() {
        let numbers = Box()
        numbers.note("a", 1, [1])
        #expect(numbers.claim(1, for: "a"))
        #expect(!numbers.claim(1, for: "a", anew: true))
        #expect(numbers.claim(2, for: "a", anew: true))
    }
}
