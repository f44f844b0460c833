import OCIRuntime
import SolutionControlGroups
import SolutionNamespaces
import SolutionRuntime

var command = RuntimeCommand(
    parts: RuntimeParts(
        namespaces: Namespaces(), controlGroups: ControlGroups(), runtime: Runtime()))
command.main(Array(CommandLine.arguments.dropFirst()))
