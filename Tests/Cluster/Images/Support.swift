import Images
import Linux

/// A directory of this test's own, gone when the test is.
final class Scratch: Sendable {
    let path: String

    init() throws {
        let bytes = try FileDescriptor.open("/dev/urandom").read(upTo: 8)
        path = "/tmp/drydock-images-" + bytes.map { String($0, radix: 16) }.joined()
        try Files.makeDirectories(path)
    }

    deinit { try? Files.removeTree(path) }

    func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }
}

struct Failed: Error, CustomStringConvertible {
    let description: String
}

/// Runs a stock program and gives its output; throws unless it succeeds.
@discardableResult
func stock(_ arguments: String...) throws -> String {
    let (ending, output, errors) = try capture(arguments[0], arguments)
    guard ending.succeeded else {
        throw Failed(
            description: "\(arguments): \(ending): \(String(decoding: errors, as: UTF8.self))")
    }
    return String(decoding: output, as: UTF8.self)
}

/// The kit's `overlay` program: DRYDOCK_OVERLAY, or where the light package builds it. Nil if
/// it is not built.
let overlayProgram: String? = {
    if let given = environmentVariable("DRYDOCK_OVERLAY") { return given }
    // This file is seen as Tests/Cluster/Images/… or, through the link, as Sources/Cluster/Tests/Images/….
    var folders = #filePath.split(separator: "/").dropLast(4)
    if folders.last == "Sources" { folders.removeLast() }
    let root = folders.joined(separator: "/")
    return ["release", "debug"].map { "/\(root)/.build/\($0)/overlay" }.first(where: Files.exists)
}()

let hasSkopeo = (try? capture("skopeo", ["skopeo", "--version"]))?.ending.succeeded ?? false

/// A layout with the kit's images; any program does for the server, since none is run.
func buildKit(_ directory: String) throws {
    _ = try KitImages(busybox: "/bin/busybox", web: "/bin/busybox")
        .build(into: directory)
}
