"""`python -m auditor`: the same as the `cache-audit` command."""

from __future__ import annotations

from auditor.cli.main import main

if __name__ == "__main__":
    main()
