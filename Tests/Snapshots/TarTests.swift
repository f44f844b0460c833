import Linux
import Snapshots
import Testing

@Suite struct TarTests {
    let scratch: Scratch
    init() throws { scratch = try Scratch() }

    /// All entries of a tar with their data.
    private func read(_ path: String) throws -> [(entry: TarEntry, data: [UInt8])] {
        var reader = TarReader(try .open(path))
        var all: [(TarEntry, [UInt8])] = []
        while let entry = try reader.next() {
            var data: [UInt8] = []
            while true {
                let chunk = try reader.read(upTo: 1000)
                if chunk.isEmpty { break }
                data += chunk
            }
            all.append((entry, data))
        }
        return all
    }

    private let long = String(repeating: "long-name/", count: 15) + "end"

    @Test(arguments: ["gnu", "pax", "ustar", "oldgnu"])
    func `reads what GNU tar writes, in each of its formats`(format: String) throws {
        let source = scratch("source")
        // ustar can split a name at a slash only, and holds no link name over 100 bytes.
        let deep = format == "ustar" ? String(long.suffix(120)) : long
        let directory = String(deep[..<deep.lastIndex(of: "/")!])
        try Files.makeDirectories("\(source)/\(directory)")
        try Files.write("deep", to: "\(source)/\(deep)")
        try Files.write(String(repeating: "x", count: 5000), to: "\(source)/big")
        try Files.write("", to: "\(source)/empty")
        chmod("\(source)/big", 0o4751)
        link("\(source)/big", "\(source)/other")
        let target = format == "ustar" ? "big" : long
        symlink(target, "\(source)/soft")
        mkfifo("\(source)/fifo", 0o600)
        try stock(
            "tar", "--format", format, "--sort=name", "-C", source, "-cf", scratch("a.tar"), ".")

        let entries = try read(scratch("a.tar"))
        func found(_ path: String) throws -> (entry: TarEntry, data: [UInt8]) {
            try #require(entries.first { $0.entry.path == "./\(path)" }, "\(path) is not there")
        }
        #expect(try found("big").data.count == 5000)
        #expect(try found("big").entry.mode == 0o4751)
        #expect(try found("other").entry.kind == .hardLink(target: "./big"))
        #expect(try found("soft").entry.kind == .symbolicLink(target: target))
        #expect(try found("fifo").entry.kind == .fifo)
        #expect(try found("empty").data == [])
        #expect(try found(deep).data == Array("deep".utf8))
        #expect(try found(directory).entry.kind == .directory)
    }

    @Test func `GNU tar unpacks what it writes`() throws {
        var writer = TarWriter(try .open(scratch("b.tar"), O_WRONLY | O_CREAT))
        try writer.add(TarEntry("d", .directory, mode: 0o750))
        try writer.add(
            TarEntry("d/file", .file, mode: 0o640, modified: 1_000_000), Array("hello".utf8))
        try writer.add(TarEntry("d/soft", .symbolicLink(target: long), mode: 0o777))
        try writer.add(TarEntry("d/hard", .hardLink(target: "d/file")))
        try writer.add(TarEntry(long, .file), Array("deep".utf8))
        try writer.add(TarEntry("high", .file, user: 3_000_000, group: 4_000_000_000))
        try writer.finish()
        let listing = try stock("tar", "--numeric-owner", "--utc", "-tvf", scratch("b.tar"))
        let lines = listing.split(separator: "\n").map { $0.split(separator: " ") }
        #expect(lines[0].last == "d/" && lines[0][0] == "drwxr-x---")
        #expect(lines[1][2] == "5" && lines[1][3] == "1970-01-12" && lines[1][4] == "13:46")
        #expect(lines[2].last == long[...])
        #expect(lines[3].suffix(3) == ["link", "to", "d/file"])
        #expect(lines[4].last == long[...])
        #expect(lines[5][1] == "3000000/4000000000")
        #expect(try stock("tar", "-xOf", scratch("b.tar"), long) == "deep")
    }

    @Test func `gives back the entries that were written`() throws {
        let entries = [
            TarEntry("d", .directory, mode: 0o1777),
            TarEntry("null", .characterDevice(major: 1, minor: 3)),
            TarEntry("disk", .blockDevice(major: 259, minor: 1)), TarEntry("pipe", .fifo),
            TarEntry(long, .symbolicLink(target: long + long), user: 1 << 30, modified: -5),
            TarEntry("x", .file, attributes: ["user.note": Array("a=b\nc".utf8)]),
            TarEntry("z", .file, modified: 1 << 40),
        ]
        var writer = TarWriter(try .open(scratch("c.tar"), O_WRONLY | O_CREAT))
        for entry in entries { try writer.add(entry) }
        try writer.finish()
        #expect(try read(scratch("c.tar")).map(\.entry) == entries)
    }

    @Test func `says where a tar is broken`() throws {
        var writer = TarWriter(try .open(scratch("d.tar"), O_WRONLY | O_CREAT))
        try writer.add(TarEntry("a", .file), [UInt8](repeating: 7, count: 2000))
        try writer.finish()
        let whole = try Files.read(scratch("d.tar"))
        func error(_ bytes: [UInt8]) throws -> String {
            try Files.writeAtomically(bytes, to: scratch("broken.tar"))
            do { return "no error, \(try read(scratch("broken.tar")).count) entries" } catch {
                return "\(error)"
            }
        }
        #expect(
            try error(Array(whole.prefix(700)))
                == "broken tar at byte 700: the file ends within an entry")
        #expect(
            try error(Array(whole.prefix(100)))
                == "broken tar at byte 100: the file ends within an entry")
        var flipped = whole
        flipped[3] = 65
        #expect(
            try error(flipped)
                == "broken tar at byte 0: the header's checksum is wrong: is this a tar?")
        #expect(
            try error(Array("#!/bin/sh\n".utf8) + [UInt8](repeating: 32, count: 600))
                == "broken tar at byte 0: the header's checksum is wrong: is this a tar?")
        #expect(try error([]) == "no error, 0 entries")
    }

    @Test(arguments: 0..<300)
    func `a damaged tar ends in an error or in entries, never in a crash`(seed: Int) throws {
        var dice = Dice(seed: seed)
        let source = scratch("source")
        try Files.makeDirectories("\(source)/d")
        try Files.write("text", to: "\(source)/d/file")
        try Files.write("text", to: "\(source)/" + String(repeating: "n", count: 150))
        symlink("d/file", "\(source)/link")
        try stock(
            "tar", "--format", dice.pick(["gnu", "pax"]), "-C", source, "-cf", scratch("e.tar"), "."
        )
        var bytes = Array(try Files.read(scratch("e.tar")).prefix(6000))
        for _ in 0..<Int.random(in: 1...8, using: &dice) {
            bytes[Int.random(in: 0..<bytes.count, using: &dice)] = UInt8.random(
                in: 0...255, using: &dice)
        }
        // Damage past the checksum is what an attacker writes, so every header is sealed again.
        for start in stride(from: 0, to: bytes.count - 511, by: 512) where dice.chance(80) {
            seal(&bytes, start)
        }
        try Files.writeAtomically(bytes, to: scratch("damaged.tar"))
        let count = (try? read(scratch("damaged.tar")).count) ?? -1
        #expect(count >= -1 && count < 20)
    }

    private func seal(_ bytes: inout [UInt8], _ start: Int) {
        let field = (start + 148)..<(start + 156)
        bytes.replaceSubrange(field, with: [UInt8](repeating: 32, count: 8))
        let sum = bytes[start..<(start + 512)].reduce(0) { $0 + Int($1) }
        let digits = Array(String(sum, radix: 8).utf8)
        bytes.replaceSubrange((start + 148)..<(start + 148 + digits.count), with: digits)
    }
}
