# Randomness: one stream of bits behind everything, seeded for each call. Seeding takes longer than
# a balancer's whole call may, so it is done when a call first uses randomness.


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
    seed_entropy, native_bits = entropy.seed, entropy.getrandbits
    native_random, native_getrandbits = NativeRandom.random, NativeRandom.getrandbits
    native_getstate, native_setstate = NativeRandom.getstate, NativeRandom.setstate
    from_bytes, to_bytes = int.from_bytes, int.to_bytes

    class Sleeping:
        # The seed of this call, or what gives it; whether the entropy has it.
        seed = "0"
        seeded = True
        # random's own generator, as long as it has to be seeded with the first bits of a call.
        stale = None
        own_bits = False
        own_seed = 0

    sleeping = Sleeping()

    def wake():
        sleeping.seeded = True
        seed = sleeping.seed
        seed_entropy(int(seed if isinstance(seed, str) else seed(), 16))
        if sleeping.own_bits:
            sleeping.own_seed = native_bits(256)

    def entropy_bits(count):
        if not sleeping.seeded:
            wake()
        return native_bits(count)

    def freshen(generator):
        sleeping.stale = None
        if not sleeping.seeded:
            wake()
        type(generator).seed(generator, sleeping.own_seed)

    class Random(NativeRandom):
        def __init__(self, x=None):
            self.seed(x)

        def seed(self, a=None):
            if self is sleeping.stale:
                sleeping.stale = None
            NativeRandom.seed(self, entropy_bits(256) if a is None else a)

        def random(self):
            if self is sleeping.stale:
                freshen(self)
            return native_random(self)

        def getrandbits(self, k):
            if self is sleeping.stale:
                freshen(self)
            return native_getrandbits(self, k)

        def getstate(self):
            if self is sleeping.stale:
                freshen(self)
            return native_getstate(self)

        def setstate(self, state):
            if self is sleeping.stale:
                sleeping.stale = None
            native_setstate(self, state)

    Random.__module__ = "_random"
    Random.__qualname__ = "Random"
    _random.Random = Random

    def urandom(size):
        if size < 0:
            raise ValueError("negative argument not allowed")
        return to_bytes(entropy_bits(8 * size), size, "little") if size else b""

    os.urandom = posix.urandom = partial(urandom)
    os.getrandom = posix.getrandom = partial(lambda size, flags=0: urandom(size))

    modules = sys.modules

    def set_seed(seed):
        sleeping.seed = seed
        sleeping.seeded = sleeping.own_bits = False
        module = modules.get("random")
        if module is not None:
            # By its own name: a policy may have put something else there.
            instance = getattr(module, "_inst", None)
            if isinstance(instance, NativeRandom):
                sleeping.own_bits = True
                if instance is not sleeping.stale:
                    instance.gauss_next = None
                    sleeping.stale = instance

    room.set_seed = set_seed
