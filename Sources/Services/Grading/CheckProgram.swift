import JSON
import Linux

/// The whole main program of a lab's checks: judges a part, one line of JSON a step on standard output.
///
/// Exit status 0 however the steps fare; 2 for a wrong call.
public func runChecks(_ checks: [Check]) -> Never {
    do {
        let options = try CheckOptions(Array(CommandLine.arguments.dropFirst()))
        var judge = Judge(
            card: try LabCard.read(folder: options.lab), checks: checks, options: options)
        judge.run { report in
            guard let line = try? JSON(encoding: report) else { return }
            let bytes = line.bytes + [UInt8(ascii: "\n")]
            _ = write(1, bytes, bytes.count)
        }
        exit(0)
    } catch {
        printError("\(CommandLine.arguments[0]): \(error). It is called by `Labs/lab check`.")
        exit(2)
    }
}
