"""News of the record by mail and text: digests, and alerts of the same day (X05)."""
