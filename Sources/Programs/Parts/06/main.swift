import LabRaft
import PartPipe

serve(Raft(), tests: RaftTests())
