# How what is defined in modules is found again by name, and what in them is data.


def prepare(room):
    import sys

    modules = sys.modules
    Function, Module = type(lambda: None), type(sys)
    plain = (type(None), bool, int, float, str, bytes, list, dict, tuple, set, frozenset, Module)
    skipped = frozenset(
        "__name__ __doc__ __package__ __loader__ __spec__ __file__ __cached__ __builtins__ "
        "__path__ __annotations__".split()
    )

    def own_modules():
        """Of the archive, by name."""
        found = {}
        for name in sorted(name for name in modules if isinstance(name, str)):
            module = modules[name]
            if type(module) is Module and is_own(module):
                found[name] = module
        return found

    def is_own(module):
        file = vars(module).get("__file__")
        return type(file) is str and file.startswith("/policy/")

    def resolve(reference):
        name, _, path = reference.partition(":")
        if name not in modules:
            __import__(name)
        value = modules[name]
        for part in path.split("."):
            value = vars(value)[part] if isinstance(value, (type, Module)) else None
            if isinstance(value, (staticmethod, classmethod)):
                value = value.__func__
        return value

    def reference(value):
        """How a function or class of the archive is found again; None when it can't be."""
        module = getattr(value, "__module__", None)
        path = getattr(value, "__qualname__", None)
        if type(module) is str and type(path) is str and "<" not in path and module in modules:
            try:
                if resolve(f"{module}:{path}") is value:
                    return f"{module}:{path}"
            except Exception:
                pass
        return None

    class Library:
        """The names of what the library's modules hold."""

        size = 0
        names = {}

    def of_library(value):
        """How something that is not the policy's is found again; None when it is the policy's."""
        if Library.size != len(modules):
            Library.size, Library.names = len(modules), {}
            for name in sorted(name for name in modules if isinstance(name, str)):
                module = modules[name]
                if type(module) is Module and name != "__main__" and not is_own(module):
                    for key, found in list(vars(module).items()):
                        if type(key) is str and key not in skipped and type(found) not in plain:
                            Library.names.setdefault(id(found), f"{name}:{key}")
        found = Library.names.get(id(value))
        if found is not None:
            name, _, key = found.partition(":")
            if vars(modules[name]).get(key) is value:
                return found
        return None

    def slots_of(cls):
        """Names and descriptors of what instances hold outside their dict."""
        found = []
        for base in cls.__mro__:
            names = vars(base).get("__slots__", ())
            for name in (names,) if isinstance(names, str) else tuple(names):
                if name in ("__dict__", "__weakref__"):
                    continue
                if name.startswith("__") and not name.endswith("__"):
                    name = "_" + base.__name__.lstrip("_") + name
                if name in vars(base):
                    found.append((name, vars(base)[name]))
        return found

    def definition(key, value, owner):
        """Whether a name of a module or class stands for what is defined there, not for data."""
        if isinstance(value, Module) or key in skipped:
            return True
        if isinstance(value, (Function, type)):
            return value.__module__ == owner and value.__qualname__.rpartition(".")[2] == key
        return False

    def classes_of(name, module):
        """Of a module of the archive, inner ones too."""
        found, waiting = {}, [vars(module)]
        while waiting:
            for value in list(waiting.pop().values()):
                if isinstance(value, type) and value.__module__ == name:
                    if value.__qualname__ not in found and not is_enum(value):
                        found[value.__qualname__] = value
                        waiting.append(vars(value))
        return found

    def class_data(cls):
        for key, value in vars(cls).items():
            if key.startswith("__") and key.endswith("__") or key.startswith("_abc_"):
                continue
            yield key, value

    def is_enum(cls):
        enum = modules.get("enum")
        return type(enum) is Module and isinstance(cls, enum.EnumType)

    class Names:
        pass

    names = room.names = Names()
    names.own_modules, names.resolve, names.reference = own_modules, resolve, reference
    names.of_library, names.slots_of, names.is_enum = of_library, slots_of, is_enum
    names.definition, names.classes_of, names.class_data = definition, classes_of, class_data
