import Foundation
import Mutation

/// `mutate SOURCES CONTRACT OUT STEP,STEP [NUMBER,NUMBER]`: writes the program with all variants of the files in SOURCES
/// to OUT, without those of the numbers, and prints the variants as JSON.
func folder(_ path: String) throws -> [Program.File] {
    try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".swift") }
        .sorted().map {
            Program.File(
                name: $0, text: try String(contentsOfFile: "\(path)/\($0)", encoding: .utf8))
        }
}

let arguments = CommandLine.arguments
guard arguments.count >= 5 else {
    print("usage: mutate SOURCES CONTRACT OUT STEP,STEP [NUMBER,NUMBER]")
    exit(2)
}
let program = Program(
    try folder(arguments[1]), steps: Set(arguments[4].split(separator: ",").map(String.init)),
    contract: try folder(arguments[2]).map(\.text))
let without = arguments.count > 5 ? arguments[5].split(separator: ",").compactMap { Int($0) } : []
for file in program.written(without: Set(without)) {
    try file.text.write(
        toFile: "\(arguments[3])/\(file.name)", atomically: false, encoding: .utf8)
}
let encoder = JSONEncoder()
encoder.outputFormatting = .sortedKeys
print(String(decoding: try encoder.encode(program.variants), as: UTF8.self))
