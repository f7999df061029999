"""The command line (floor 14): one file per command."""
