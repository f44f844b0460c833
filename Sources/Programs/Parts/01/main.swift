import LabNamespaces
import PartPipe

serve(Namespaces())
