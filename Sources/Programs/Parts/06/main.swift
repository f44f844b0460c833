import LabRaft
import PartPipe

serve(Raft())
