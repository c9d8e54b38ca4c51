"""What every request has in common: the gate, bodies, problem documents, entity tags, the contract."""
