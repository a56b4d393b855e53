"""The world outside behind small protocols: clock, entropy, the custody key store."""
