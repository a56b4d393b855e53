"""`python -m exchange.trust FILE`: the offline verifier, from a copy of this package alone."""

import sys

from exchange.trust.lacking import say

try:
    from exchange.trust.command import main
except ModuleNotFoundError as missing:
    say(missing)

if __name__ == "__main__":
    sys.exit(main())
