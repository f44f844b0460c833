import PartPipe
import SolutionServiceDNAT

serve(ServiceDNAT(), tests: RuleTests())
