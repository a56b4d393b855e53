"""Charts as SVG made on the server: attributes and classes only, a text alternative on each."""
