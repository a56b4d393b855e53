"""Use cases: one function, one transaction; each asks the policy and writes its audit and job rows."""
