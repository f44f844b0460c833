import Contract
import JSON
import Linux

/// The whole main program of a lab's checks: judges a part, one line of JSON a step on standard output, and a last
/// line that says that all was judged. Where that takes long, empty lines between them say that it goes on.
///
/// No part can write such a line: it can't reach this process, and it doesn't know the word that each one begins with
/// (`VerdictStream`).
///
/// Exit status 0 however the steps fare; 2 for a wrong call.
/// - Parameter trying: what `lab try NN ARGUMENT …` does with the part, in a lab without a concept program of its own.
public func runChecks(
    _ checks: [Check], trying: ((PartProgram, [String]) throws -> Void)? = nil
) -> Never {
    do {
        let options = try CheckOptions(Array(CommandLine.arguments.dropFirst()))
        if let arguments = options.trying {
            guard let trying else { throw UsageError("this lab has nothing to try but its checks") }
            return try tryPart(options.part) { try trying($0, arguments) }
        }
        Interruption.listen()
        Interruption.endWithParent()
        let stream = VerdictStream()
        let card = try LabCard.read(folder: options.lab)
        var judge = Judge(card: card, checks: checks, options: options, alive: stream.signsOfLife())
        judge.run { report in
            if let line = try? JSON(encoding: report) { stream.say(line.bytes) }
        }
        stream.say(VerdictStream.end)
        exit(0)
    } catch {
        printError("\(CommandLine.arguments[0]): \(error). It is called by `Labs/lab check`.")
        exit(2)
    }
}

/// A part that fails while it is tried says so as a check would: in words, on standard error.
private func tryPart(_ path: String, _ body: (PartProgram) throws -> Void) throws -> Never {
    let part = PartProgram(path: path)
    do {
        try body(part)
        exit(0)
    } catch let failure as PartFailure {
        printError("your part: \(failure)")
        if case .unfinished = failure {
            let command = environmentVariable("DRYDOCK_COMMAND") ?? "Labs/lab"
            printError("\(command) try --reference … asks the reference instead")
        }
    } catch let failed as Failed {
        printError("\(failed.claim)")
    }
    exit(1)
}
