import APIServer
import Foundation
import JSON
import Testing

@Suite("Resource versions")
struct ResourceVersionTests {
    private func with(_ revision: Int, _ text: String) -> String {
        String(decoding: withResourceVersion(Array(text.utf8), revision), as: UTF8.self)
    }

    @Test("The revision stands first in the metadata, and takes the place of an older one")
    func places() {
        let plain = #"{"kind":"Pod","metadata":{"name":"web"},"spec":{}}"#
        let first = #"{"kind":"Pod","metadata":{"resourceVersion":"7","name":"web"},"spec":{}}"#
        #expect(with(7, plain) == first)
        #expect(with(12345, first) == first.replacingFirst("7", "12345"))
        #expect(with(1, #"{"metadata":{}}"#) == #"{"metadata":{"resourceVersion":"1"}}"#)
        #expect(
            with(2, #"{"metadata":{"resourceVersion":"1"}}"#)
                == #"{"metadata":{"resourceVersion":"2"}}"#)
    }

    @Test("Text that looks like metadata is none, and a revision elsewhere is replaced too")
    func traps() throws {
        for text in [
            #"{"data":{"metadata":{"a":1},"x":"\"metadata\":{"},"metadata":{"name":"m"}}"#,
            #"{"data":["\\","{"],"metadata":{"name":"m","resourceVersion":"3"}}"#,
            #"{"data":{"resourceVersion":"9"}}"#, #"{ "metadata" : { "name":"m" } }"#,
            #"{"metadata":null}"#, #"{"metadata":{"annotations":{"resourceVersion":"x"}}}"#,
        ] {
            var expected = try JSON(parsing: text)
            var metadata = expected["metadata"]?.object == nil ? [:] : expected["metadata"] ?? [:]
            metadata["resourceVersion"] = "8"
            expected["metadata"] = metadata
            let got = try JSON(parsing: with(8, text))
            #expect(got == expected, "\(text)")
        }
    }
}

extension String {
    fileprivate func replacingFirst(_ text: String, _ other: String) -> String {
        guard let place = range(of: text) else { return self }
        return replacingCharacters(in: place, with: other)
    }
}
