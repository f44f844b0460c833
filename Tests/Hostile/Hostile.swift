import Contract
import Linux
import PartPipe

/// Doubles numbers. Every way of misbehaving answers honestly where the number is not 13, so that a test sees
/// whether the next question works again.
struct Hostile: Part {
    static let double = Question<Int, Int>("double")

    init() {}

    var desk: Desk {
        var desk = Desk()
        desk.answer(Self.double) { number in
            if let wrong = wrongly(number) { return wrong }
            if number == 13 { try misbehave() }
            return 2 * number
        }
        desk.answer(Self.reach) { Self.reached($0) }
        return desk
    }

    /// What the wrong parts say; nil where the right answer is given.
    private func wrongly(_ number: Int) -> Int? {
        switch way {
        case "plus": number + 2
        case "square": number * number
        case "never": 0
        case "negative": -2 * number
        case "odd": number % 2 == 0 ? nil : number
        case "coin": number == 13 ? Int.random(in: 100 ... .max) : nil
        default: nil
        }
    }

    func misbehave() throws {
        switch way {
        case "trap": print([1, 2][Int(CommandLine.argc) + 5])
        case "hang": while true {}
        case "sleep": sleep(1000)
        case "prints": while true { print("all work and no play makes Jack a dull boy") }
        case "answers": while true { write(String(repeating: "x", count: 65536), to: 3) }
        case "memory": takeMemory()
        case "printed": print(#"{"id":2,"answer":99}"#)
        case "wrongid": write(#"{"id":77,"answer":99}"# + "\n", to: 3)
        case "early":
            write(#"{"id":2,"answer":26}"# + "\n" + #"{"id":3,"answer":99}"# + "\n", to: 3)
        case "garbage": write("\u{7}{]\n", to: 3)
        case "shape": write(#"{"id":2,"answer":"twenty-six"}"# + "\n", to: 3)
        case "neither": write(#"{"id":2}"# + "\n", to: 3)
        case "quiet": exit(0)
        case "closes": close(3)
        case "throws": throw Unfinished("99.1")
        case "children": start("sleep", "98765")
        case "straggler": start("setsid", "sleep", "97655")
        case "childmemory": start("tail", "--lines=98763", "/dev/zero")
        // In a process group of its own, as a shell with job control makes one.
        case "groupmemory": start("sh", "-mc", "tail --lines=98762 /dev/zero & wait")
        case "bomb":
            while true { _ = try? Child.spawn("sleep", ["sleep", "98764"], descriptors: [:]) }
        default: break
        }
    }

    private func takeMemory() {
        var hoard: [[UInt8]] = []
        while true { hoard.append([UInt8](repeating: 1, count: 8 << 20)) }
    }

    /// A child that would live on, and then a hang.
    private func start(_ arguments: String...) {
        _ = try? Child.spawn(arguments[0], arguments, descriptors: [:])
        while true {}
    }

    private func write(_ text: String, to descriptor: Int32) {
        _ = text.withCString { Linux.write(descriptor, $0, strlen($0)) }
    }
}
