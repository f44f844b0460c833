import PartPipe
import SolutionRaft

serve(Raft(), tests: RaftTests())
