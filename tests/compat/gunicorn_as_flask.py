"""A gunicorn configuration for programs that say `import flask`: read before the application is loaded."""

from edgeweb.compat import install_as_flask

install_as_flask()
bind = "127.0.0.1:0"
workers = 2
