import Linux
import Testing

extension StoreProcessTests {
    @Test(
        .enabled(if: which("clang") != nil, "needs clang, which comes with Swift"), arguments: [1, 3])
    func `a write is acknowledged once a majority has synchronised it to the disk, and never before`(
        members: Int
    ) throws {
        let counter = try SyncCounter()
        let rig = try StoreRig(.ours, members: members, preload: counter.library)
        #expect(try rig.waitUntilReady())
        for number in 0..<10 {
            let before = try quietCounts(of: rig)
            #expect(try rig.put("s/\(number)", "x"))
            let risen = (1...members).count { rig.syncs($0) > before[$0 - 1] }
            #expect(risen >= members / 2 + 1, "put \(number): \(risen) of \(members) synchronised")
        }
    }

    /// How often each member has synchronised, once none has for a moment: what is late counts for nobody.
    private func quietCounts(of rig: StoreRig) throws -> [Int] {
        var counts: [Int] = []
        let isQuiet = Linux.eventually(within: 20_000, every: 150) {
            let before = counts
            counts = (1...rig.count).map(rig.syncs)
            return counts == before
        }
        try #require(isQuiet)
        return counts
    }
}

/// A library that stands between a program and the C library, and notes each fsync(2) and fdatasync(2) that
/// came back well: SQLite's settings are one thing, what reaches the kernel is another.
private final class SyncCounter {
    let library: String
    private let folder = "/tmp/drydock-sync-counter-\(getpid())-\(Int.random(in: 0..<1_000_000))"

    init() throws {
        library = "\(folder)/counter.so"
        try Files.makeDirectories(folder, mode: 0o700)
        try Files.write(Self.source, to: "\(folder)/counter.c")
        let built = try capture(
            which("clang") ?? "clang",
            ["clang", "-shared", "-fPIC", "-O1", "\(folder)/counter.c", "-o", library])
        guard built.ending.succeeded else {
            throw NotBuilt(why: String(decoding: built.errors, as: UTF8.self))
        }
    }

    deinit { try? Files.removeTree(folder) }

    struct NotBuilt: Error { var why: String }

    /// One byte a call, appended to the file that the environment names.
    private static let source = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <fcntl.h>
        #include <stdlib.h>
        #include <unistd.h>

        static int counted(const char *name, int descriptor) {
            int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
            int result = real(descriptor);
            const char *path = getenv("DRYDOCK_SYNCS");
            if (result != 0 || !path) return result;
            int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
            if (file >= 0 && write(file, ".", 1) == 1) close(file);
            return result;
        }

        int fsync(int descriptor) { return counted("fsync", descriptor); }
        int fdatasync(int descriptor) { return counted("fdatasync", descriptor); }
        """
}
