"""The edge: what every route, page and command of people shares.

Every route under ``/api/v1`` asks for a token unless its view is marked ``@public``
(``authentication``). Views raise errors of the kernel; ``problems`` says what becomes of them.
"""
