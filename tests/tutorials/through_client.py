"""Prints what a program of the working directory answers to the test client: `through_client.py PROGRAM`."""

import importlib
import json
import sys

from tests.tutorials.exchanges import EXCHANGES

name = sys.argv[1]
sys.path.insert(0, "")
app = importlib.import_module(name).app
app.logger.disabled = True
client = app.test_client()
for method, path, headers, body, *_ in EXCHANGES[name]:
    response = client.open(path, method=method, headers=headers, data=body)
    print(json.dumps([response.status_code, response.text]))
