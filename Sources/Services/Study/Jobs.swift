import Linux
import PartPipe

/// This program, several times side by side: what each prints is handed over when it has ended, in the order of
/// the jobs. The work is the compiler's and the judges', so a process each costs nothing.
package struct Jobs {
    let kit: Kit
    /// One a core.
    var width = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))

    package init(kit: Kit) { self.kit = kit }

    struct Running {
        let child: Child
        let output: Int32
        var bytes: [UInt8] = []
    }

    /// - Parameters:
    ///   - jobs: the arguments of each: `["prove", "10", "--judge", "reference"]`.
    ///   - ended: called in the jobs' order, with what it printed on both outputs.
    package func run(_ jobs: [[String]], ended: (Int, Child.Ending, String) -> Void) throws {
        var running: [Int: Running] = [:]
        var results: [Int: (Child.Ending, String)] = [:]
        var (next, told) = (0, 0)
        defer { for job in running.values { job.child.signal(SIGTERM) } }
        while told < jobs.count {
            while running.count < width, next < jobs.count {
                running[next] = try start(jobs[next])
                next += 1
            }
            for (index, job) in wait(running) {
                running[index] = job
                guard let job, let ending = try drained(job) else { continue }
                results[index] = (ending, String(decoding: job.bytes, as: UTF8.self))
                running[index] = nil
            }
            while let (ending, text) = results[told] {
                ended(told, ending, text)
                told += 1
            }
            if Interruption.came { throw Interrupted() }
        }
    }

    private func start(_ arguments: [String]) throws -> Running {
        let output = try Pipe()
        let child = try Child.spawn(
            "/proc/self/exe", ["study"] + arguments,
            descriptors: [1: output.write.raw, 2: output.write.raw])
        return Running(child: child, output: output.intoRead().release())
    }

    /// Waits until something was printed or a job has ended.
    private func wait(_ running: [Int: Running]) -> [Int: Running?] {
        let order = running.keys.sorted()
        var polled = order.map {
            pollfd(fd: running[$0]!.output, events: Int16(POLLIN), revents: 0)
        }
        guard poll(&polled, nfds_t(polled.count), 1000) > 0 else { return [:] }
        var changed: [Int: Running?] = [:]
        var buffer = [UInt8](repeating: 0, count: 65536)
        for (index, entry) in zip(order, polled) where entry.revents != 0 {
            guard var job = running[index] else { continue }
            let got = read(job.output, &buffer, buffer.count)
            if got > 0 { job.bytes += buffer[..<got] }
            changed[index] = job
        }
        return changed
    }

    /// How the job ended, once it has closed its output.
    private func drained(_ job: Running) throws -> Child.Ending? {
        var polled = [pollfd(fd: job.output, events: Int16(POLLIN), revents: 0)]
        guard poll(&polled, 1, 0) > 0, polled[0].revents & Int16(POLLIN) == 0 else { return nil }
        close(job.output)
        return try job.child.wait()
    }
}
