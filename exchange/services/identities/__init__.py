"""Who stands behind a key: the registrar's credentials, keys bound through did:web, keys kept for organisations."""
