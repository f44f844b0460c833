import Grading

runChecks([
    boundsRoundTheRightWay
])
