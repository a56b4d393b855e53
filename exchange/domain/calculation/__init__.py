"""From bills to figures: a site's account to each product's own effects, every step kept (method section 2)."""
