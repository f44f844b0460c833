import PartPipe
import SolutionMiniCluster

serve(MiniCluster(), tests: JobTests())
