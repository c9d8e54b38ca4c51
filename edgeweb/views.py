"""Views as classes: one method for all requests (`View`), or one for each HTTP method (`MethodView`)."""

from __future__ import annotations

import typing as t

from .globals import current_app, request

if t.TYPE_CHECKING:
    from .typing import ResponseReturnValue, RouteCallable

#: The HTTP methods that a `MethodView` looks for, in lower case, as its methods are named.
http_method_funcs = frozenset(["get", "post", "head", "options", "delete", "put", "trace", "patch"])


class View:
    """A view that is a class: subclass it, implement `dispatch_request`, and register `as_view(name)`.

    >>> class Hello(View):
    ...     def dispatch_request(self, name):
    ...         return f"Hello, {name}!"
    >>> Hello.as_view("hello").__name__
    'hello'

    Source: Flask documentation, "Class-based Views".
    """

    #: The HTTP methods that the view answers; None: what `add_url_rule` does by default.
    methods: t.ClassVar[t.Collection[str] | None] = None

    #: Whether OPTIONS is answered for the view; None: as the application does by default.
    provide_automatic_options: t.ClassVar[bool | None] = None

    #: Wrapped around the view function, the first one innermost. `@` on the class would wrap the class
    #: instead.
    decorators: t.ClassVar[list[t.Callable[..., t.Any]]] = []

    #: Whether every request gets its own instance. With False one instance serves them all: cheaper, and then
    #: no attribute of it may belong to a request.
    init_every_request: t.ClassVar[bool] = True

    def dispatch_request(self) -> ResponseReturnValue:
        """Answer the request: the view. The URL's values are keyword arguments."""
        raise NotImplementedError

    @classmethod
    def as_view(cls, name: str, *class_args: t.Any, **class_kwargs: t.Any) -> RouteCallable:
        """Return the view function for a route. `name` is its endpoint, the rest goes to the constructor.

        The function's `view_class` is read at every request, so that a test can replace it.
        """
        if cls.init_every_request:

            def view(**kwargs: object) -> ResponseReturnValue:
                instance = view.view_class(*class_args, **class_kwargs)  # type: ignore[attr-defined]
                rv: ResponseReturnValue = current_app.ensure_sync(instance.dispatch_request)(**kwargs)
                return rv

        else:
            shared = cls(*class_args, **class_kwargs)

            def view(**kwargs: object) -> ResponseReturnValue:
                rv: ResponseReturnValue = current_app.ensure_sync(shared.dispatch_request)(**kwargs)
                return rv

        # Before decorating, for decorators that read them, and after it, for those that do not keep them.
        view.__name__, view.__module__ = name, cls.__module__
        for decorator in cls.decorators:
            view = decorator(view)
        view.__name__, view.__module__, view.__doc__ = name, cls.__module__, cls.__doc__
        for attribute in ("methods", "provide_automatic_options"):
            setattr(view, attribute, getattr(cls, attribute))
        view.view_class = cls  # type: ignore[attr-defined]
        return view


class MethodView(View):
    """A view with one method for each HTTP method, in lower case: `get`, `post`, ...

    `methods` is collected from the class and its bases, and HEAD is answered by `get` where there is no
    `head`.

    >>> class Counter(MethodView):
    ...     def get(self): ...
    ...     def post(self): ...
    >>> sorted(Counter.methods)
    ['GET', 'POST']
    """

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        if "methods" in cls.__dict__:
            return
        methods: set[str] = set()
        for base in cls.__bases__:
            methods.update(getattr(base, "methods", None) or ())
        methods.update(name.upper() for name in http_method_funcs if hasattr(cls, name))
        # None if there are none: a base class of views.
        if methods:
            cls.methods = methods

    def dispatch_request(self, **kwargs: object) -> ResponseReturnValue:
        """Call the method of this name. Raises `AssertionError` if `methods` has one that the class lacks."""
        method = getattr(self, request.method.lower(), None)
        if method is None and request.method == "HEAD":
            method = getattr(self, "get", None)
        assert method is not None, f"Unimplemented method {request.method!r}"
        rv: ResponseReturnValue = current_app.ensure_sync(method)(**kwargs)
        return rv
