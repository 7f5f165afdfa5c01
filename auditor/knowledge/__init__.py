"""Facts as data (TOML) and their typed loaders: providers, SDK call shapes, library functions. Contains no decisions."""
