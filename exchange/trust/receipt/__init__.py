"""Receipts (C2SP tlog-proof): that a log holds an entry, shown by one text file and the verifier's trust root."""
