"""Access control: users and tokens, passwords, browser sessions, the limit on attempts, the audit log, and
their secrets. Nothing here knows HTTP."""
