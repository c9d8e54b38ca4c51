"""The figures of the machine: what is measured, how it is read, and its last hour and day."""
