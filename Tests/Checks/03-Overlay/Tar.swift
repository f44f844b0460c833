import ContractOverlay
import Grading
import Linux

/// 03.6: markers and whiteouts, one into the other and back.
let layersSurviveTheTar = Check("03.6") { bench in
    let part = RemoteOverlay(bench.part)
    try unpacking(part)
    try packing(part)
    try thereAndBack(part)
}

private let idea =
    "A tar knows no whiteouts and no attributes that mean anything everywhere, so a layer's tar says both by name: .wh.NAME and .wh..wh..opq, beside what they speak of."

private func unpacking(_ part: RemoteOverlay) throws {
    let table: [(String, UnpackAction)] = [
        ("etc/passwd", .create("etc/passwd")), ("motd", .create("motd")),
        ("etc/.wh.passwd", .whiteout("etc/passwd")), (".wh.motd", .whiteout("motd")),
        ("etc/.wh..wh..opq", .opaque("etc")), (".wh..wh..opq", .opaque("")),
        (".wh..wh.plnk", .skip), ("var/.wh..wh.aufs", .skip),
        ("etc/.whale", .create("etc/.whale")), ("etc/a.wh.b", .create("etc/a.wh.b")),
        ("etc/.wh.d/f", .create("etc/.wh.d/f")), ("etc/.wh..hidden", .whiteout("etc/.hidden")),
    ]
    for (name, action) in table {
        try expect(try part.unpack(name), is: action, "the tar entry \(name) on disk", idea: idea)
    }
}

private func packing(_ part: RemoteOverlay) throws {
    func y(_ space: String) -> [String: String] { ["\(space).overlay.opaque": "y"] }
    let table: [(UpperEntry, [PackedEntry], String)] = [
        (UpperEntry("etc/hosts", .file), [.same("etc/hosts")], "a file"),
        (UpperEntry("bin/sh", .symbolicLink), [.same("bin/sh")], "a link"),
        (UpperEntry("etc", .directory), [.same("etc")], "a directory"),
        (UpperEntry("etc/motd", .characterDevice), [.marker("etc/.wh.motd")], "a device 0:0"),
        (UpperEntry("motd", .characterDevice), [.marker(".wh.motd")], "a device 0:0 at the top"),
        (
            UpperEntry("dev/null", .characterDevice, major: 1, minor: 3), [.same("dev/null")],
            "a device 1:3"
        ),
        (
            UpperEntry("dev/mem", .characterDevice, major: 0, minor: 5), [.same("dev/mem")],
            "a device 0:5"
        ),
        (
            UpperEntry("dev/ram0", .characterDevice, major: 1, minor: 0), [.same("dev/ram0")],
            "a device 1:0"
        ),
        (
            UpperEntry("etc/hosts", .file, attributes: y("trusted")), [.same("etc/hosts")],
            "a file with a directory's attribute"
        ),
        (
            UpperEntry("etc", .directory, attributes: y("trusted")),
            [.same("etc"), .marker("etc/.wh..wh..opq")], "an opaque directory"
        ),
        (
            UpperEntry("var/lib", .directory, attributes: y("user")),
            [.same("var/lib"), .marker("var/lib/.wh..wh..opq")],
            "an opaque directory of a user namespace"
        ),
        (
            UpperEntry("etc", .directory, attributes: ["trusted.overlay.opaque": "x"]),
            [.same("etc")],
            "a directory whose attribute says x"
        ),
        (
            UpperEntry("etc", .directory, attributes: ["trusted.overlay.origin": "…"]),
            [.same("etc")],
            "a directory with another attribute"
        ),
    ]
    for (entry, packed, what) in table {
        try expect(
            try part.pack(entry), is: packed,
            "\(what) of the upper directory in the tar: \(entry.path)",
            idea: idea)
    }
}

/// Whatever is packed has to come out as it went in.
private func thereAndBack(_ part: RemoteOverlay) throws {
    for path in ["a", "a/b", "deep/er/c", "a/.hidden"] {
        for kind in [UpperEntry.Kind.file, .directory, .characterDevice] {
            for opaque in [false, true] where kind == .directory || !opaque {
                let entry = UpperEntry(
                    path, kind, attributes: opaque ? ["trusted.overlay.opaque": "y"] : [:])
                let actions = try part.pack(entry).map { packed in
                    switch packed {
                    case .same(let name): try part.unpack(name)
                    case .marker(let name): try part.unpack(name)
                    }
                }
                let wanted: [UnpackAction] =
                    kind == .characterDevice
                    ? [.whiteout(path)] : opaque ? [.create(path), .opaque(path)] : [.create(path)]
                try expect(actions, is: wanted, "\(path), a \(kind), there and back", idea: idea)
            }
        }
    }
}
