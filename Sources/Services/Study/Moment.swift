import Linux

/// Moments as reports and the progress file write them: `2026-11-22T08:15:02Z`.
enum Moment {
    static func now() -> String { text(Clock.unixSeconds(), "%Y-%m-%dT%H:%M:%SZ") }

    static func text(_ seconds: Int, _ format: String) -> String {
        var (clock, parts) = (time_t(seconds), tm())
        gmtime_r(&clock, &parts)
        var buffer = [CChar](repeating: 0, count: 64)
        let count = strftime(&buffer, buffer.count, format, &parts)
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
