# How things of the standard library are written into a policy's state, and read from it.


def prepare(room):
    import sys

    modules, is_enum = sys.modules, room.names.is_enum
    Module = type(sys)
    heap_type = 1 << 9

    def of(module, name):
        """A class, if its module is loaded: what isn't loaded has no instances."""
        found = modules.get(module)
        return vars(found).get(name) if type(found) is Module else None

    class Method:
        def method(self):
            pass

    BoundMethod = type(Method().method)

    def base_of(cls):
        """The one class not written in Python that an instance is built on; None: another."""
        base = object
        for parent in cls.__mro__:
            if parent in (dict, list, tuple, set):
                if base is not object:
                    return None
                base = parent
            elif parent is not object and not parent.__flags__ & heap_type:
                return None
        return base

    def is_cache(value):
        return type(value).__name__ == "_lru_cache_wrapper"

    def logging_levels():
        """Of the loggers that say something else than a new one."""
        logging = modules.get("logging")
        found = []
        if logging is not None:
            loggers = {"": logging.root, **logging.root.manager.loggerDict}
            for name in sorted(loggers):
                logger = loggers[name]
                if isinstance(logger, logging.Logger):
                    held = (logger.level, bool(logger.disabled), bool(logger.propagate))
                    found.append((name, ("list", held)))
        return ("map", found)

    def set_logging_levels(levels):
        if levels:
            import logging

            for name, (level, disabled, propagate) in levels.items():
                logger = logging.getLogger(name)
                logger.setLevel(level)
                logger.disabled, logger.propagate = disabled, propagate

    def text_of_state(generator):
        version, words, gauss = generator.getstate()
        return version, "".join("%08x" % word for word in words[:-1]), words[-1], gauss

    def write(writer, node, value, kind):
        """Whether this is one of them."""
        if kind is int:
            node.set("$int", hex(value), (), False)
        elif kind is float:
            node.set("$float", repr(value), (), False)
        elif kind is complex:
            node.set("$complex", [value.real, value.imag], (), False)
        elif kind is bytes or kind is bytearray:
            node.set("$" + kind.__name__, bytes(value).hex(), (), kind is bytearray)
        elif kind is range:
            node.set("$range", [value.start, value.stop, value.step], (), False)
        elif is_enum(kind):
            writer.named(node, "$enum", kind)
            node.fields = (("name", value.name),)
        elif kind is BoundMethod:
            return method(writer, node, value)
        else:
            return standard(writer, node, value, kind)
        return True

    def method(writer, node, value):
        owner, name = value.__self__, value.__func__.__name__
        if getattr(type(owner), name, None) is not value.__func__:
            writer.unusable("a method that its object's class doesn't have")
        node.set("$method", name, (("of", writer.within(".__self__", owner)),), False)
        return True

    def standard(writer, node, value, kind):
        if kind is of("collections", "deque"):
            node.set("$deque", writer.elements(value), (("maxlen", value.maxlen),))
        elif kind is of("collections", "defaultdict"):
            factory = writer.within(".default_factory", value.default_factory)
            pairs = [("list", pair) for pair in writer.pairs(value)]
            node.set("$defaultdict", pairs, (("factory", factory),))
        elif kind is of("collections", "OrderedDict") or kind is of("collections", "Counter"):
            pairs = [("list", pair) for pair in writer.pairs(value)]
            node.set("$" + kind.__name__.lower(), pairs)
        elif kind is of("datetime", "timedelta"):
            node.set("$timedelta", [value.days, value.seconds, value.microseconds], (), False)
        elif kind is of("datetime", "date"):
            node.set("$date", [value.year, value.month, value.day], (), False)
        elif kind is of("datetime", "datetime"):
            parts = [value.year, value.month, value.day, value.hour, value.minute, value.second]
            zone = writer.within(".tzinfo", value.tzinfo)
            parts += [value.microsecond, value.fold]
            node.set("$datetime", parts, (("zone", zone),), False)
        elif kind is of("random", "Random"):
            version, words, index, gauss = text_of_state(value)
            fields = (("index", index), ("gauss", gauss), ("version", version))
            node.set("$random", words, fields)
        elif kind is of("re", "Pattern"):
            pattern = writer.within(".pattern", value.pattern)
            node.set("$regex", value.flags, (("pattern", pattern),), False)
        elif kind is of("logging", "Logger") or kind is of("logging", "RootLogger"):
            node.set("$logger", "" if value.name == "root" else value.name, (), False)
        elif kind is of("types", "SimpleNamespace"):
            node.set("$namespace", ("map", attributes(writer, vars(value))))
        elif kind is of("_thread", "lock") or kind is of("_thread", "LockType"):
            if value.locked():
                writer.unusable("a lock that is held")
            node.set("$lock", "lock")
        elif kind is of("_thread", "RLock"):
            if value._is_owned():
                writer.unusable("a lock that is held")
            node.set("$lock", "rlock")
        elif kind is of("functools", "partial"):
            partial(writer, node, value)
        else:
            return False
        return True

    def attributes(writer, own):
        return [(writer.text(key), writer.within("." + key, own[key])) for key in own]

    def partial(writer, node, value):
        func = writer.within(".func", value.func)
        args = ("list", writer.elements(value.args))
        keywords = ("map", attributes(writer, value.keywords))
        node.set("$partial", func, (("args", args), ("keywords", keywords)))

    def read(reader, tag, body, fields, number):
        if tag == "$int":
            return int(body, 16)
        if tag == "$float":
            return float(body)
        if tag == "$complex":
            return complex(*body)
        if tag == "$bytes":
            return bytes.fromhex(body)
        if tag == "$bytearray":
            return reader.number(number, bytearray.fromhex(body))
        if tag == "$range":
            return range(*body)
        if tag == "$enum":
            return reader.value({"$class": body})[fields["name"]]
        if tag == "$method":
            return getattr(reader.value(fields["of"]), body)
        if tag == "$partial":
            import functools

            args = [reader.value(arg) for arg in fields["args"]]
            keywords = {key: reader.value(arg) for key, arg in fields["keywords"].items()}
            return reader.number(
                number, functools.partial(reader.value(body), *args, **keywords)
            )
        if tag == "$logger":
            import logging

            return logging.getLogger(body)
        if tag == "$lock":
            import threading

            return reader.number(number, threading.Lock() if body == "lock" else threading.RLock())
        if tag == "$regex":
            import re

            return re.compile(reader.value(fields["pattern"]), body)
        return read_collection(reader, tag, body, fields, number)

    def read_collection(reader, tag, body, fields, number):
        import collections
        import datetime
        import random
        import types

        if tag == "$deque":
            made = reader.number(number, collections.deque(maxlen=fields["maxlen"]))
            made.extend(reader.value(element) for element in body)
        elif tag in ("$defaultdict", "$ordereddict", "$counter"):
            if tag == "$defaultdict":
                made = collections.defaultdict()
            else:
                made = collections.OrderedDict() if tag == "$ordereddict" else collections.Counter()
            reader.number(number, made)
            for key, member in body:
                key = reader.value(key)
                made[key] = reader.value(member)
            if tag == "$defaultdict":
                made.default_factory = reader.value(fields["factory"])
        elif tag == "$timedelta":
            made = datetime.timedelta(*body)
        elif tag == "$date":
            made = datetime.date(*body)
        elif tag == "$datetime":
            made = datetime.datetime(*body[:7], reader.value(fields["zone"]), fold=body[7])
        elif tag == "$random":
            made = reader.number(number, random.Random(0))
            words = [int(body[at : at + 8], 16) for at in range(0, len(body), 8)]
            made.setstate((fields["version"], (*words, fields["index"]), fields["gauss"]))
        elif tag == "$namespace":
            made = reader.number(number, types.SimpleNamespace())
            for key, member in body.items():
                vars(made)[key] = reader.value(member)
        else:
            raise ValueError(f"state: {tag} is not known")
        return made

    class Kinds:
        pass

    kinds = room.kinds = Kinds()
    kinds.write, kinds.read = write, read
    kinds.base_of, kinds.is_cache = base_of, is_cache
    kinds.logging_levels, kinds.set_logging_levels = logging_levels, set_logging_levels
