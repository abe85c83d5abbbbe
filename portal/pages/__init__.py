"""The pages of the portal: each handler parses, calls the service, renders."""
