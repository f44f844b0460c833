import NIOCore

/// Takes PING frames out of a stream of HTTP/2 frames (RFC 9113, section 4.1), however the bytes are cut.
///
/// Every gRPC server and client in Go, etcd among them, measures the path with a PING for nearly each message
/// it reads (its estimate of bandwidth times delay). NIO's HTTP/2 takes more than 200 PINGs in 30 s for an
/// attack, hangs up with ENHANCE_YOUR_CALM, and cannot be told otherwise through grpc-swift. So PINGs are
/// answered before they reach it.
public struct PingFilter {
    static let headerLength = 9
    static let pingLength = headerLength + 8

    /// Bytes that pass without a look: the rest of a frame, or of the preface a client begins with.
    private var passing: Int
    /// The beginning of a frame whose rest has not come yet.
    private var held = ByteBuffer()

    /// - Parameter preface: the bytes that come before the first frame: 24 from a client, 0 from a server.
    public init(preface: Int) { passing = preface }

    /// - Returns: what is left to pass on, in order, and the opaque data of each PING that wants an answer.
    public mutating func take(_ bytes: ByteBuffer) -> (passed: ByteBuffer, pings: [UInt64]) {
        var input = held.readableBytes == 0 ? bytes : held
        if held.readableBytes > 0 { input.writeImmutableBuffer(bytes) }
        held = ByteBuffer()
        var passed = ByteBuffer()
        var pings: [UInt64] = []
        while input.readableBytes > 0 {
            let run = runLength(input)
            if run > 0 {
                passed.append(input.readSlice(length: run)!)
            } else if let data = ping(&input) {
                pings.append(data)
            } else {
                held = input
                break
            }
        }
        return (passed, pings)
    }

    /// How many bytes from here on are no PING; 0 where the next frame is one or is not known yet.
    private mutating func runLength(_ input: ByteBuffer) -> Int {
        var at = min(passing, input.readableBytes)
        passing -= at
        while passing == 0, let frame = Self.frame(input, at), !frame.isPing {
            let here = min(frame.length, input.readableBytes - at)
            at += here
            passing = frame.length - here
        }
        return at
    }

    private static func frame(_ input: ByteBuffer, _ offset: Int) -> (length: Int, isPing: Bool)? {
        guard input.readableBytes - offset >= headerLength else { return nil }
        let start = input.readerIndex + offset
        let word = input.getInteger(at: start, as: UInt32.self)!
        let flags = input.getInteger(at: start + 4, as: UInt8.self)!
        let length = Int(word >> 8) + headerLength
        // Type 6; an answer (flag 1) is for whoever asked, and a wrong length for NIO to complain of.
        return (length, word & 0xFF == 6 && flags & 1 == 0 && length == pingLength)
    }

    private func ping(_ input: inout ByteBuffer) -> UInt64? {
        guard let frame = Self.frame(input, 0), frame.isPing, input.readableBytes >= frame.length
        else { return nil }
        input.moveReaderIndex(forwardBy: Self.headerLength)
        return input.readInteger()
    }

    /// The answer to a PING, as it goes over the wire.
    static func answer(_ data: UInt64) -> ByteBuffer {
        var frame = ByteBuffer()
        frame.writeBytes([0, 0, 8, 6, 1, 0, 0, 0, 0])
        frame.writeInteger(data)
        return frame
    }
}

extension ByteBuffer {
    /// Joins two pieces; the first is taken as it is.
    fileprivate mutating func append(_ piece: ByteBuffer) {
        if readableBytes == 0 { self = piece } else { writeImmutableBuffer(piece) }
    }
}
