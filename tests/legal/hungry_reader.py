"""The reader of orders on an input that is larger than its memory may be."""

import sys

from lea_service.legal.order_reader import main


class Endless:
    buffer = property(lambda self: self)

    def read(self):
        return bytes(1 << 30)


if __name__ == "__main__":
    sys.stdin = Endless()
    main()
