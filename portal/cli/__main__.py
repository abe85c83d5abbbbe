"""`python -m portal.cli` is `fastor`."""

from portal.cli import main

main(prog_name="fastor")
