import PartPipe
import SolutionServiceDNAT

serve(ServiceDNAT())
