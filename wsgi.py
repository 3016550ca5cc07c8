"""The application for any WSGI server, in a checkout; ``lea serve`` builds the same."""

from lea_service.app import create_app
from lea_service.settings import load_settings

application = create_app(load_settings())
