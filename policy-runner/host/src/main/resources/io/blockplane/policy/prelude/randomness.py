# Randomness: one stream of bits behind everything, seeded for each call.


def prepare(room):
    import functools
    import os
    import posix
    import sys

    partial = functools.partial
    if "random" in sys.modules:
        raise RuntimeError("random is imported before its source is patched")

    import _random

    NativeRandom = _random.Random
    entropy = NativeRandom(0)
    seed_entropy, entropy_bits = entropy.seed, entropy.getrandbits
    from_bytes, to_bytes = int.from_bytes, int.to_bytes

    class Random(NativeRandom):
        def __init__(self, x=None):
            self.seed(x)

        def seed(self, a=None):
            NativeRandom.seed(self, entropy_bits(256) if a is None else a)

    Random.__module__ = "_random"
    Random.__qualname__ = "Random"
    _random.Random = Random

    def urandom(size):
        if size < 0:
            raise ValueError("negative argument not allowed")
        return to_bytes(entropy_bits(8 * size), size, "little") if size else b""

    os.urandom = posix.urandom = partial(urandom)
    os.getrandom = posix.getrandom = partial(lambda size, flags=0: urandom(size))

    def set_seed(seed):
        seed_entropy(int(seed, 16))
        module = sys.modules.get("random")
        if module is not None:
            # By its own name: a policy may have put something else there.
            instance = getattr(module, "_inst", None)
            if isinstance(instance, NativeRandom):
                type(instance).seed(instance, entropy_bits(256))

    room.set_seed = set_seed
