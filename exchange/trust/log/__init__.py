"""The transparency log without a database: its tree (RFC 6962), its notes (C2SP) and its documents.

Pure functions and values; nothing here reads a file, a table or the network.
"""
