"""Lets `python -m flows` stand for the command `ndtms`."""

from flows.cli import main

if __name__ == "__main__":
    main()
