import ContractOverlay
import Grading
import Linux

/// 03.8: ten containers are really mounted, each writes, and the disk is counted.
let tenContainersShareOneImage = Check("03.8", requires: [Workbench.requirement]) { bench in
    let part = RemoteOverlay(bench.part)
    try onWorkbench { work in
        let layers = ["base", "app"].map { work("image/\($0)") }
        for layer in layers { try Files.makeDirectories(layer) }
        try Files.write(String(repeating: "x", count: 4 << 20), to: work("image/base/big"))
        try Files.write("app", to: work("image/app/app"))
        let before = try used(work.root)
        let names = (1...10).map { "web-\($0)" }
        let mounts = try names.map {
            try part.containerMount(
                ContainerRequest(layers: layers, container: $0, root: work("containers")))
        }
        try check(mounts, below: work("containers"))
        for mount in mounts { try make(mount, work) }
        for (name, mount) in zip(names, mounts) {
            try Files.write(name, to: "\(mount.merged)/mine")
        }
        for (name, mount) in zip(names, mounts) {
            let mine = try? Files.readText("\(mount.merged)/mine")
            try expect(
                mine, is: name, "container \(name) sees what it wrote, and not another's",
                idea: "What is written goes to upperdir: two containers must not have the same.")
            try require(
                Files.exists("\(mount.merged)/big") && Files.exists("\(mount.merged)/app"),
                "container \(name) sees the whole image",
                seen: "\((try? Files.list(mount.merged)) ?? [])",
                idea: "All layers of the image are in lowerdir.")
        }
        let grown = try used(work.root) - before
        try require(
            grown < 1 << 20,
            "ten containers of an image of 4 MiB take less than 1 MiB more on the disk",
            seen: "\(grown >> 10) KiB more",
            idea: "Layers are shared because they are never written: nothing of them is copied.")
    }
}

private func check(_ mounts: [ContainerMount], below root: String) throws {
    var places: Set<String> = []
    for mount in mounts {
        for place in [mount.upperdir, mount.workdir, mount.merged] {
            try require(
                place.hasPrefix(root + "/") && places.insert(place).inserted,
                "every container's directories are its own, below the root", seen: place,
                idea: "Put the container's name into the path.")
        }
        try require(
            !mount.workdir.hasPrefix(mount.upperdir + "/")
                && !mount.upperdir.hasPrefix(mount.workdir + "/"),
            "workdir and upperdir stand side by side",
            seen: "\(mount.workdir) and \(mount.upperdir)",
            idea:
                "In workdir the kernel makes things ready that it then renames into upperdir: neither may be in the other."
        )
    }
}

private func make(_ mount: ContainerMount, _ work: Workbench) throws {
    for directory in [mount.upperdir, mount.workdir] { try Files.makeDirectories(directory) }
    let options = "lowerdir=\(mount.lowerdir),upperdir=\(mount.upperdir),workdir=\(mount.workdir)"
    do { try work.mount(options, on: mount.merged) } catch {
        throw Failed(
            "the kernel mounts what the part says", seen: "\(options): \(error)",
            idea: "upperdir and workdir lie on one file system; lowerdir is the text of step 03.1.")
    }
}

/// Bytes of all that lies on the workbench itself; what is mounted there is another file system (-x).
private func used(_ path: String) throws -> Int {
    let result = try capture("du", ["du", "-skx", path])
    let kilobytes = String(decoding: result.output, as: UTF8.self).prefix { $0.isNumber }
    guard let number = Int(kilobytes) else { throw SystemError("du \(path)", .invalid) }
    return number << 10
}
