import PartPipe
import SolutionRollout

// The reference of lab 10 as a program of its own: over the pipe it has to say what it says in process.
serve(Rollout())
