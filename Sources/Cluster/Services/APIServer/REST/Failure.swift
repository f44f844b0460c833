import HTTPServing
import JSON
import Kinds

extension Response {
    /// A refusal as the stock server words it: a Status.
    static func failure(_ error: StatusError) -> Response {
        var response = json(error.status, status: error.code)
        if error.code == 401 { response.headers.append(("WWW-Authenticate", "Bearer")) }
        return response
    }
}

extension StatusError {
    static func tooLarge(limitBytes: Int) -> StatusError {
        StatusError(
            code: 413, reason: "RequestEntityTooLarge",
            message: "Request entity too large: limit is \(limitBytes)")
    }
}
