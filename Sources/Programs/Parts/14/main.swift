import LabServiceDNAT
import PartPipe

serve(ServiceDNAT(), tests: RuleTests())
