"""A service as it was at one moment, to be put back: many things may follow from one beginning."""

import shutil
from itertools import count
from pathlib import Path
from tempfile import mkdtemp

from sqlalchemy import make_url
