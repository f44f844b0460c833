import ContractServiceDNAT

extension ServiceDNAT {
    /// The same Services as maps: every Service port that somebody serves, its endpoints that are
    /// ready, and where each of them is. `VerdictMaps` says what stands where.
    public func verdictMaps(_ view: ProxyView) throws -> VerdictMaps {
        // step 14.7 begin
        throw Unfinished("14.7")
        // step 14.7 end
    }
}
