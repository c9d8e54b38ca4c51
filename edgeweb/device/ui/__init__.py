"""The dashboard: the pages and what they share."""
