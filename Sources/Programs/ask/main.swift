import JSON
import Linux

// A client that asks a web server at a steady rate, each time over a new connection, and counts who answered.
// New connections matter: a Service chooses the pod once per connection.

let usage = """
    usage: ask ADDRESS:PORT [--path /] [--rate PER_SECOND] [--count N | --seconds S] [--timeout MS]

    Asks until the count or the time is reached, or until SIGTERM, then prints what happened as JSON:
    how many requests, which failed and why, and how often each answer came.

    example: ask 10.96.12.7:80 --rate 200 --seconds 10

    """

do {
    guard let options = try Options(CommandLine.arguments.dropFirst()) else {
        print(usage)
        exit(0)
    }
    var load = Load(options)
    print(load.run().prettyText)
} catch {
    printError("ask: \(error)\n\(usage)")
    exit(2)
}
