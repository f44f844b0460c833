import LabMiniCluster
import PartPipe

serve(MiniCluster(), tests: JobTests())
