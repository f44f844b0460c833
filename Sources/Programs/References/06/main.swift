import PartPipe
import SolutionRaft

serve(Raft())
