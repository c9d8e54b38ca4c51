"""The texts of the pages, a module for each language with the same keys."""
