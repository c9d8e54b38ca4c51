"""The way of a request, from the WSGI call to the response. Private: programs use `Flask`'s methods.

`wsgi` is the entry. `phases` are the phases of a request, one function each, and `fast_path` is the way of
the requests for which most of these have nothing to do. `exceptions`, `responses`, `urls` and `static_files`
are what the phases need.
"""
