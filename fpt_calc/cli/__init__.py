"""The command line (floor 15): one file per command."""
