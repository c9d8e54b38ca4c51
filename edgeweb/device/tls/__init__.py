"""TLS by an authority of the device's own: names, certificates and files, made by the `openssl` program.

Nothing here is imported unless the device has such an authority, and nothing imports `ssl`.
"""
