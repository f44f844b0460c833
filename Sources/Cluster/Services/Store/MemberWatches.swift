import EtcdAPI

// Watches, as the gRPC service needs them.
extension Member {
    func openWatches() -> Int { watches.open() }

    func closeWatches(_ stream: Int) { watches.close(stream) }

    /// Takes a request of a watch stream, once there is room for its answer.
    func handle(_ request: Etcdserverpb_WatchRequest, on stream: Int) async {
        await withCheckedContinuation { watches.whenReadable(stream, $0) }
        watches.handle(request, on: stream, keyspace: keyspace, header: header())
    }

    /// What is to be sent next on a stream; waits for it. nil: the stream is closed.
    func nextAnswers(on stream: Int) async -> WatchHub.Answers? {
        await withCheckedContinuation {
            watches.next(on: stream, keyspace: keyspace, header: header(), for: $0)
        }
    }
}
