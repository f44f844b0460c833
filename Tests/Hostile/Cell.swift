import Contract
import JSON
import Linux
import PartPipe

/// What a part can reach from where it runs.
struct Reach: Codable {
    var uid: Int
    var processes: Int
    /// Of the paths that it was asked about, those that it can open.
    var opened: [String]
    /// The errno of kill(2), of ptrace(2)'s kind of look into memory, and of connect(2).
    var kill: Int32
    var memory: Int32
    var connect: Int32
    /// How much it could write before there was no room left.
    var megabytes: Int
}

extension Hostile {
    static let reach = Question<[String], Reach>("reach")

    /// - Parameter paths: the first one is the judge's process number.
    static func reached(_ paths: [String]) -> Reach {
        let judge = pid_t(paths.first ?? "") ?? -1
        func errno(of result: Int32) -> Int32 { result < 0 ? Errno.current.rawValue : 0 }
        func opens(_ path: String) -> Bool {
            let descriptor = clinux_open(path, O_RDONLY, 0)
            if descriptor >= 0 { close(descriptor) }
            return descriptor >= 0
        }
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let all = (try? Files.list("/proc")) ?? []
        return Reach(
            uid: Int(getuid()), processes: all.count { pid_t($0) != nil },
            opened: paths.dropFirst().filter(opens), kill: errno(of: Linux.kill(judge, 0)),
            memory: errno(of: clinux_open("/proc/\(judge)/mem", O_RDWR, 0)),
            connect: errno(of: clinux_connect(socket, "127.0.0.1", 9)), megabytes: filled())
    }

    private static func filled() -> Int {
        let megabyte = [UInt8](repeating: 1, count: 1 << 20)
        let descriptor = clinux_open("/tmp/filler", O_WRONLY | O_CREAT, 0o600)
        return (0..<100).first { _ in write(descriptor, megabyte, megabyte.count) < megabyte.count }
            ?? 100
    }
}

/// A judge of one thread: asks a part in a cell what it can reach, and prints the answer.
func askFromACell() throws -> Never {
    _ = clinux_prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    let part = PartProgram(path: CommandLine.arguments[1], confined: true)
    let paths = ["\(getpid())"] + CommandLine.arguments.dropFirst(2)
    print(try JSON(encoding: try part.ask(Hostile.reach, paths)).text)
    // How a part ends, and what it said, is seen through the walls.
    do { _ = try part.ask(Hostile.double, 13) } catch { print(error) }
    print(try part.ask(Hostile.double, 4))
    exit(0)
}
