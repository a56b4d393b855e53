"""Tables, queries and migrations. Rows stay behind the services."""
