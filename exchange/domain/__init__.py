"""The field's words as frozen value objects and pure rules: no database, no clock, no network, no randomness."""
