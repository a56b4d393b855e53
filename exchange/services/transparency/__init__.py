"""The transparency log (RFC 6962 on SQL): what waits for it, its one sequencer, its proofs and its keys."""
