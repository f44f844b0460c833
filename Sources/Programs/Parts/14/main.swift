import LabServiceDNAT
import PartPipe

serve(ServiceDNAT())
