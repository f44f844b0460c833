import Linux
import PartPipe

/// Keeps a conversation with a part in a file: `> ` before what the judge said, `< ` before the answer.
final class TranscriptFile: Sendable {
    private let file: FileDescriptor

    /// Nil where the file can't be made: a check goes on without.
    init?(path: String) {
        guard let file = try? FileDescriptor.open(path, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o644) else {
            return nil
        }
        self.file = file
    }

    @Sendable func add(_ line: PartProgram.TranscriptLine) {
        let bytes = Array("\(line.fromPart ? "<" : ">") \(line.text)\n".utf8)
        _ = write(file.raw, bytes, bytes.count)
    }
}
