"""Settings: what they are, where they come from, how they are read. Does not know the command line or rules."""
