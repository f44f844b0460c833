// What every check needs besides: the part's program, and what a simulation is made of.
@_exported import PartPipe
@_exported import Simulation
