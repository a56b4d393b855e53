"""Revocation by Bitstring Status List (W3C, version 1.0): entries, signed lists, and taking datasets back."""
