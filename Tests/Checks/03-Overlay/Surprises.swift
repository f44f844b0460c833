import ContractOverlay
import Grading
import Linux
import Snapshots

/// 03.5: each case is tried on a real overlay, then the part is asked.
let whatBreaks = Check("03.5", requires: [Workbench.requirement]) { bench in
    let part = RemoteOverlay(bench.part)
    for isDirectory in [false, true] {
        for (inUpper, inLower, isOpaque) in [
            (true, false, false), (false, true, false), (true, true, false), (true, true, true),
        ] where isDirectory || !isOpaque {
            for redirect in [false, true] {
                let request = RenameRequest(
                    isDirectory: isDirectory, inUpper: inUpper, inLower: inLower,
                    isOpaque: isOpaque, redirectDir: redirect)
                guard let truth = try renamed(request) else { continue }
                try expect(
                    try part.rename(request), is: truth,
                    "rename of a \(inWords(request)): the part says what the kernel does",
                    idea:
                        "A rename happens in the upper directory alone. A file can be copied up first; a directory that shows names from below cannot take them along, unless it may say where they are. And what is still below has to be hidden."
                )
            }
        }
    }
    for (inUpper, index) in [(false, false), (true, false), (false, true), (true, true)] {
        let names = ["c", "a", "b"]
        let write = LinkedWrite(names: names, written: "b", inUpper: inUpper, index: index)
        guard let truth = try written(write) else { continue }
        try expect(
            try part.seenAfterWrite(write), is: truth,
            "a write to one of three hard links, made in the \(inUpper ? "upper" : "lower") directory, index \(index ? "on" : "off"): who sees it, sorted",
            idea:
                "A copy-up copies what one name stands for. The other names go on standing for the file below, unless an index tells that the two were one."
        )
    }
}

private func inWords(_ request: RenameRequest) -> String {
    let place = request.inUpper && request.inLower ? "in both" : request.inUpper ? "upper" : "lower"
    return
        "\(request.isOpaque ? "opaque " : "")\(request.isDirectory ? "directory" : "file") (\(place), redirect_dir \(request.redirectDir ? "on" : "off"))"
}

/// What the kernel does; nil where this mount option can't be had here.
private func renamed(_ request: RenameRequest) throws -> RenameOutcome? {
    // In a user namespace there is no redirect_dir: its attribute could name any directory.
    if request.redirectDir, Privilege.inUserNamespace { return nil }
    var outcome: RenameOutcome?
    try onWorkbench { work in
        func make(_ layer: String) throws {
            try Files.makeDirectories(work("\(layer)/\(request.isDirectory ? "old" : "")"))
            try Files.write(
                layer, to: work("\(layer)/\(request.isDirectory ? "old/\(layer)" : "old")"))
        }
        for directory in ["lower", "upper", "work"] { try Files.makeDirectories(work(directory)) }
        if request.inLower { try make("lower") }
        if request.inUpper { try make("upper") }
        if request.isOpaque { Stack.makeOpaque(work("upper/old")) }
        let redirect =
            Privilege.inUserNamespace ? "" : ",redirect_dir=\(request.redirectDir ? "on" : "off")"
        try work.mount(
            "lowerdir=\(work("lower")),upperdir=\(work("upper")),workdir=\(work("work"))\(redirect)",
            on: work("merged"))
        if Linux.rename(work("merged/old"), work("merged/new")) != 0 {
            let errno = Errno.current
            guard errno.rawValue == EXDEV else { throw SystemError("rename", errno) }
            outcome = .crossDevice
        } else {
            var info = stat()
            outcome = lstat(work("upper/old"), &info) == 0 ? .renamedLeavingWhiteout : .renamed
        }
    }
    return outcome
}

private func written(_ request: LinkedWrite) throws -> [String]? {
    if request.index, Privilege.inUserNamespace { return nil }
    var seen: [String] = []
    try onWorkbench { work in
        for directory in ["lower", "upper", "work"] { try Files.makeDirectories(work(directory)) }
        func makeLinks(in directory: String) throws {
            try Files.write("old", to: "\(directory)/\(request.names[0])")
            for name in request.names.dropFirst() {
                try check("link") {
                    link("\(directory)/\(request.names[0])", "\(directory)/\(name)")
                }
            }
        }
        if !request.inUpper { try makeLinks(in: work("lower")) }
        let index = Privilege.inUserNamespace ? "" : ",index=\(request.index ? "on" : "off")"
        try work.mount(
            "lowerdir=\(work("lower")),upperdir=\(work("upper")),workdir=\(work("work"))\(index)",
            on: work("merged"))
        if request.inUpper { try makeLinks(in: work("merged")) }
        try Files.write("new", to: work("merged/\(request.written)"))
        seen = try request.names.filter { try Files.readText(work("merged/\($0)")) == "new" }
            .sorted()
    }
    return seen
}
