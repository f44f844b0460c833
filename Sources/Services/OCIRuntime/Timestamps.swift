import Linux

/// The moment as RFC 3339 writes it, with nanoseconds, UTC.
///
/// Its own arithmetic: gmtime(3) reads the time zone's file first.
func timestampNow() -> String {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    func pad(_ value: Int, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
    let second = now.tv_sec % 86400
    let (year, month, day) = civilDate(daysSince1970: now.tv_sec / 86400)
    let date = "\(pad(year, 4))-\(pad(month, 2))-\(pad(day, 2))"
    let time = "\(pad(second / 3600, 2)):\(pad(second / 60 % 60, 2)):\(pad(second % 60, 2))"
    return "\(date)T\(time).\(pad(now.tv_nsec, 9))Z"
}

/// Day 0 is 1970-01-01; day 20779 is 2026-11-22.
func civilDate(daysSince1970 days: Int) -> (year: Int, month: Int, day: Int) {
    func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }
    var (year, left) = (1970, days)
    while left >= (isLeap(year) ? 366 : 365) {
        left -= isLeap(year) ? 366 : 365
        year += 1
    }
    let lengths = [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    var month = 0
    while left >= lengths[month] {
        left -= lengths[month]
        month += 1
    }
    return (year, month + 1, left + 1)
}
