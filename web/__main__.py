"""python -m web: the command `stadtnetz`."""

from web.command import main

main()
