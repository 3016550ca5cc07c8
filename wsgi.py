"""The application for any WSGI server, in a checkout; ``lea serve`` builds the same."""

from lea_service.serve import open_application

application = open_application()
