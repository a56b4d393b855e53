"""The `vcx` commands by topic. What a command needs is loaded when it runs, so that each starts quickly."""
