"""The commands of an application, `@app.cli.command()`, and how a command line finds the application.

Nothing is imported here: a server that has no commands pays for none of it, click least of all.
"""
