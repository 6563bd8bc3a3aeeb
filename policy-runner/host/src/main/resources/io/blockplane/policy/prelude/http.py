# What the library's requests stands on: one function that takes and gives JSON text.


def prepare(room):
    import functools
    import sys

    exchange = room.exchange
    module = type(sys)("_blockplane_http")
    module.exchange = functools.partial(lambda text: exchange(text))
    sys.modules["_blockplane_http"] = module
