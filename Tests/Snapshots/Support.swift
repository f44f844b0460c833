import ContractOverlay
import JSON
import Linux
import Snapshots

/// A directory of this test's own, gone when the test is.
final class Scratch: Sendable {
    let path: String

    init() throws {
        let bytes = try FileDescriptor.open("/dev/urandom").read(upTo: 8)
        path = "/tmp/drydock-snapshots-" + bytes.map { String($0, radix: 16) }.joined()
        try Files.makeDirectories(path)
    }

    deinit { try? Files.removeTree(path) }

    func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }
}

struct Failed: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

let isRoot = geteuid() == 0 && !Privilege.inUserNamespace

/// Runs `body` on a thread that has a mount namespace of its own, which goes with the thread,
/// mounts and all.
func inMountNamespace(_ body: @escaping () throws -> Void) throws {
    final class Box {
        let body: () throws -> Void
        var failure: (any Error)?
        init(_ body: @escaping () throws -> Void) { self.body = body }
    }
    let box = Box {
        try check("unshare mounts") { clinux_unshare(CLINUX_NEWNS) }
        try check("make mounts private") {
            mount("none", "/", nil, UInt(MS_REC) | UInt(MS_PRIVATE), nil)
        }
        try body()
    }
    var thread = pthread_t()
    let raw = Unmanaged.passRetained(box)
    let made = pthread_create(
        &thread, nil,
        {
            let box = Unmanaged<Box>.fromOpaque($0!).takeUnretainedValue()
            do { try box.body() } catch { box.failure = error }
            return nil
        }, raw.toOpaque())
    guard made == 0 else { throw Failed("pthread_create: \(made)") }
    pthread_join(thread, nil)
    raw.release()
    if let failure = box.failure { throw failure }
}

/// Runs a stock program and gives its output; throws unless it succeeds.
@discardableResult
func stock(_ arguments: String...) throws -> String {
    let (ending, output, errors) = try capture(arguments[0], arguments)
    guard ending.succeeded else {
        throw Failed("\(arguments): \(ending): \(String(decoding: errors, as: UTF8.self))")
    }
    return String(decoding: output, as: UTF8.self)
}

/// A part asked the way the pipe asks it, through JSON, without a process.
struct JSONAsker: Asker {
    let part: any OverlayPart
    func ask<Input, Output>(_ question: Question<Input, Output>, _ input: Input) throws -> Output {
        let text = try JSON(encoding: input).text
        return try JSON(parsing: try part.desk.answer(question.name, try JSON(parsing: text)).text)
            .decode()
    }
}

/// SplitMix64: one seed gives one sequence.
struct Dice: RandomNumberGenerator {
    private var state: UInt64
    init(seed: Int) { state = UInt64(seed) }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements.randomElement(using: &self)!
    }
}
