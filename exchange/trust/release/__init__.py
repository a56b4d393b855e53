"""Signed statements of what was released of a value chain: what they say, what they counted, and their bundle."""
