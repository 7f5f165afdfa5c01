"""The cache simulator and the token and money arithmetic over requests. Does not know source code."""
