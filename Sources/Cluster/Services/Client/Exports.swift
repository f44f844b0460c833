// What a client's users need of the rules below it: its errors, changes, times and events.
@_exported import ClientRules
