"""From published datasets to released chain figures: inputs, network, solve, figures of chains, releases."""
