"""Who may do what: users and tokens, passwords, browser sessions, the limit on attempts, the audit log, and
what keeps them. Nothing here knows HTTP."""
