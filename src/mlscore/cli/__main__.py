"""Runs the command line as `python -m mlscore.cli`."""

from mlscore.cli import main

main()
