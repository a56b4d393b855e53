"""Documents that others signed in forms the exchange does not publish: read, verified, kept as evidence."""
