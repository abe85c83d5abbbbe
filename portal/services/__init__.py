"""The only door to the database: rules, permissions, transactions."""
