"""The contract with Flask: one application, run on edgeweb and on Flask itself, answers compared."""
