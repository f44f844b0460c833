import Grading

runChecks([
    idsAreMapped, flagsAreOneAKind, firstProcessIsBornAndReaps, rootIsItsOwn, mountsAreAsAsked,
    loopbackIsUp, cgroupNamespaceBeginsInside, runningPodIsJoined, .open("01.9"),
])
