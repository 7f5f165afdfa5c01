"""What builtins and libraries do with abstract values, where data cannot say it. One module per subject."""
