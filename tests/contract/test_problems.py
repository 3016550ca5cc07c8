import importlib
import pkgutil

import lea_service
from lea_service.kernel.errors import LeaError
from lea_service.web.problems import PROBLEMS, describe, problem_of, revive


def every_error():
    for module in pkgutil.walk_packages(lea_service.__path__, "lea_service."):
        if "demonstration" not in module.name and not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    waiting, found = [LeaError], set()
    while waiting:
        family = waiting.pop()
        found.update(family.__subclasses__())
        waiting.extend(family.__subclasses__())
    return {one for one in found if one.__module__.startswith("lea_service.")}


def test_every_error_has_its_row():
    assert every_error() == set(PROBLEMS)


def test_codes_are_told_apart():
    codes = [family.code for family in every_error()]
    assert len(codes) == len(set(codes))


def test_no_detail_of_our_own_faults():
    for family in PROBLEMS:
        error = family("Jan Jansen", 1) if family.__name__ == "Postponed" else family("Jan Jansen")
        body = describe(error)
        assert ("Jan Jansen" in str(body)) == (problem_of(error).status != 500)
        assert type(revive(body, body["status"])).__mro__[1:2] != (object,)
