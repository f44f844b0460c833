import JSON
import Linux

/// The loop: starts requests when they are due, moves on whichever connection is ready, gives up on the late.
struct Load {
    private let options: Options
    private var open: [Exchange] = []
    private var started = 0
    private var answers: [String: Int] = [:]
    private var failures: [String: Int] = [:]
    private var latencies: [Int] = []
    private var signals = sigset_t()

    init(_ options: Options) {
        self.options = options
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        sigprocmask(SIG_BLOCK, &signals, nil)
        clinux_ignore_sigpipe()
    }

    mutating func run() -> JSON {
        let began = Clock.monotonicMilliseconds()
        var stopping = false
        while !stopping || !open.isEmpty {
            let now = Clock.monotonicMilliseconds()
            let due = (now - began) * options.rate / 1000 + 1
            while !stopping, started < min(due, options.count ?? .max) { startOne(now) }
            stopping =
                stopping || started >= options.count ?? .max
                || now - began >= options.milliseconds ?? .max || signalCame()
            moveOn(until: 1000 / options.rate)
        }
        return report(seconds: Double(Clock.monotonicMilliseconds() - began) / 1000)
    }

    private func signalCame() -> Bool {
        var none = timespec()
        var signals = self.signals
        return sigtimedwait(&signals, nil, &none) > 0
    }

    private mutating func startOne(_ now: Int) {
        started += 1
        do {
            open.append(try Exchange(options, now: now))
        } catch {
            failures["\(error.errno)", default: 0] += 1
        }
    }

    private mutating func moveOn(until milliseconds: Int) {
        var polled = open.map { pollfd(fd: $0.socket, events: $0.waitsFor, revents: 0) }
        poll(&polled, nfds_t(polled.count), Int32(max(1, milliseconds)))
        let now = Clock.monotonicMilliseconds()
        for index in open.indices.reversed() {
            if polled[index].revents != 0 { open[index].proceed() }
            if open[index].outcome == nil,
                now - open[index].startedAt > options.timeoutMilliseconds
            {
                open[index].fail("no answer within \(options.timeoutMilliseconds) ms")
            }
            guard let outcome = open[index].outcome else { continue }
            count(outcome, milliseconds: now - open[index].startedAt)
            close(open[index].socket)
            open.remove(at: index)
        }
    }

    private mutating func count(_ outcome: Exchange.Outcome, milliseconds: Int) {
        switch outcome {
        case .answered(let body):
            answers[body, default: 0] += 1
            latencies.append(milliseconds)
        case .failed(let why):
            failures[why, default: 0] += 1
        }
    }

    private func report(seconds: Double) -> JSON {
        let sorted = latencies.sorted()
        func percentile(_ share: Double) -> JSON {
            sorted.isEmpty ? .null : JSON(sorted[Int(Double(sorted.count - 1) * share)])
        }
        func table(_ counts: [String: Int]) -> JSON {
            .object(JSONObject(counts.sorted { $0.key < $1.key }.map { ($0.key, JSON($0.value)) }))
        }
        return [
            "requests": JSON(started), "answered": JSON(latencies.count),
            "failed": JSON(failures.values.reduce(0, +)), "failures": table(failures),
            "answers": table(answers), "seconds": .number("\(seconds)"),
            "medianMilliseconds": percentile(0.5), "p99Milliseconds": percentile(0.99),
        ]
    }
}
