"""The value-chain exchange: sustainability datasets published once, signed, granted and rolled up."""

__version__ = "0.1.0"
