"""Webhooks: changes are told to addresses outside, signed, at least once (docs/webhooks.md)."""
