"""The way of a request, from the WSGI call to the response. Private: programs use `Flask`'s methods.

`phases` runs the request's phases, `fast_path` answers without those that have nothing to do, and
`overrides` finds out which of them a program has replaced. `exceptions`, `responses`, `urls` and
`static_files` are what the phases need.
"""
