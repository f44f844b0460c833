/// What to ask, how often and how long.
struct Options {
    var host = ""
    var port: UInt16 = 80
    var path = "/"
    /// Requests a second.
    var rate = 50
    var count: Int?
    var milliseconds: Int?
    var timeoutMilliseconds = 2000

    struct Mistake: Error, CustomStringConvertible {
        let description: String
    }

    /// nil where help was asked for.
    init?(_ arguments: ArraySlice<String>) throws {
        var words = arguments
        while let word = words.popFirst() {
            switch word {
            case "--help", "-h": return nil
            case "--path": path = try Self.value(word, &words)
            case "--rate": rate = try Self.number(word, &words)
            case "--count": count = try Self.number(word, &words)
            case "--seconds": milliseconds = 1000 * (try Self.number(word, &words))
            case "--timeout": timeoutMilliseconds = try Self.number(word, &words)
            default: try setAddress(word)
            }
        }
        if host.isEmpty { throw Mistake(description: "which ADDRESS:PORT?") }
    }

    private mutating func setAddress(_ word: String) throws {
        let halves = word.split(separator: ":")
        guard halves.count == 2, let port = UInt16(halves[1]) else {
            throw Mistake(description: "\(word) is no ADDRESS:PORT")
        }
        (host, self.port) = (String(halves[0]), port)
    }

    private static func value(_ name: String, _ words: inout ArraySlice<String>) throws -> String {
        guard let value = words.popFirst() else {
            throw Mistake(description: "\(name) needs a value")
        }
        return value
    }

    private static func number(_ name: String, _ words: inout ArraySlice<String>) throws -> Int {
        let text = try value(name, &words)
        guard let number = Int(text), number > 0 else {
            throw Mistake(description: "\(name) \(text): a number above 0")
        }
        return number
    }
}
