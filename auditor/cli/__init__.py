"""The command line: click commands, exit codes, progress."""
