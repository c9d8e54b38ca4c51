"""The router: rules, matching paths, building URLs. Usable on its own.

    from edgeweb.routing import Map, Rule

    url_map = Map([
        Rule("/", endpoint="index"),
        Rule("/downloads/<int:id>", endpoint="download", methods=["GET"]),
    ])
    urls = url_map.bind("example.com")
    urls.match("/downloads/42")            # ('download', {'id': 42})
    urls.build("download", {"id": 42})     # '/downloads/42'

Names, semantics and exceptions are those of Werkzeug's routing (its documentation, "URL Routing"); exceptions
and converters are its own classes. README.md in this folder has the design, and the cases in which Werkzeug
differs from its documentation.
"""

from werkzeug.routing.exceptions import BuildError as BuildError
from werkzeug.routing.exceptions import NoMatch as NoMatch
from werkzeug.routing.exceptions import RequestAliasRedirect as RequestAliasRedirect
from werkzeug.routing.exceptions import RequestPath as RequestPath
from werkzeug.routing.exceptions import RequestRedirect as RequestRedirect
from werkzeug.routing.exceptions import RoutingException as RoutingException
from werkzeug.routing.exceptions import WebsocketMismatch as WebsocketMismatch

from .adapter import MapAdapter as MapAdapter
from .adapter import RuleRedirect as RuleRedirect
from .converters import AnyConverter as AnyConverter
from .converters import BaseConverter as BaseConverter
from .converters import FloatConverter as FloatConverter
from .converters import IntegerConverter as IntegerConverter
from .converters import NumberConverter as NumberConverter
from .converters import PathConverter as PathConverter
from .converters import UnicodeConverter as UnicodeConverter
from .converters import UUIDConverter as UUIDConverter
from .converters import ValidationError as ValidationError
from .factories import EndpointPrefix as EndpointPrefix
from .factories import RuleTemplate as RuleTemplate
from .factories import RuleTemplateFactory as RuleTemplateFactory
from .factories import Subdomain as Subdomain
from .factories import Submount as Submount
from .map import Map as Map
from .rule import Rule as Rule
from .rule import RuleFactory as RuleFactory
from .syntax import parse_converter_args as parse_converter_args
