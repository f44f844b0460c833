import Linux

/// The judge's way to whoever asked it: lines on standard output, each behind a word that only the two know.
///
/// The word comes over descriptor 3, which is closed as soon as it is read, and lies in one place of memory. A part
/// can't read it there: the judge can't be dumped, so that nobody but root may trace it or open its descriptors in
/// /proc; and what the judge copies itself into forgets the word before it asks a part.
public struct VerdictStream {
    /// What comes after the last verdict. Without it, whoever asked believes nothing that came before.
    public static let end = Array("end".utf8)
    /// How long the word is: 128 bits as hexadecimal digits.
    public static let wordBytes = 32
    /// Where the judge finds the word.
    public static let wordDescriptor: Int32 = 3

    nonisolated(unsafe) private static let word = UnsafeMutablePointer<UInt8>.allocate(
        capacity: wordBytes)
    nonisolated(unsafe) private static var length = 0

    /// Reads the word. A judge that is called by hand has none.
    init() {
        _ = clinux_prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
        var status = stat()
        guard fstat(Self.wordDescriptor, &status) == 0, Int32(status.st_mode) & S_IFMT == S_IFIFO
        else {
            return
        }
        Self.length = max(0, read(Self.wordDescriptor, Self.word, Self.wordBytes))
        close(Self.wordDescriptor)
    }

    /// For a copy of the judge that needs no word.
    static func forget() {
        memset(word, 0, wordBytes)
        length = 0
    }

    func say(_ line: [UInt8]) {
        // The word goes out from where it lies, so that no copy of it stays anywhere.
        Self.write(UnsafeRawBufferPointer(start: Self.word, count: Self.length))
        (line + [UInt8(ascii: "\n")]).withUnsafeBytes(Self.write)
    }

    private static func write(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let wrote = Linux.write(
                1, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if wrote < 0, Errno.current != .interrupted { return }
            rest = rest.dropFirst(max(0, wrote))
        }
    }

    /// An empty line, at most one a second: no verdict, but the judge is at work.
    func signsOfLife() -> () -> Void {
        var last = Clock.monotonicMilliseconds()
        return {
            let now = Clock.monotonicMilliseconds()
            guard now - last >= 1000 else { return }
            last = now
            [UInt8(ascii: "\n")].withUnsafeBytes(Self.write)
        }
    }
}
