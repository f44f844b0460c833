import Grading

runChecks([
    timersAreRandomAndHeardRight, officesEnd, votesAreGivenOnce,
    logsMatch, leadersBackUpFast, onlyTheUpToDateLead, onlyTheOwnTermIsCounted,
    repliesKeepTheirWord, snapshotsFitTheLog, readsSeeTheNewest,
])
