import Grading

runChecks(
    [
        timersAreRandomAndHeardRight, officesEnd, votesAreGivenOnce,
        logsMatch, leadersBackUpFast, onlyTheUpToDateLead, onlyTheOwnTermIsCounted,
        repliesKeepTheirWord, snapshotsFitTheLog, readsSeeTheNewest,
        realProcessesLoseNothing, .open("06.12"),
    ], trying: tryRaft)
