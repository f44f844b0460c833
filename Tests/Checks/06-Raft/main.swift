import Grading

runChecks([])
