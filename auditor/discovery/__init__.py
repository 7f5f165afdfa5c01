"""Which files an audit reads: paths, ignore files, notebooks, prompt files, and the byte scan. Knows no Python syntax."""
