# Writes a policy's state as readable JSON: what its object, the modules of its archive and the
# classes in them hold, by value. What is defined (functions, classes, modules) is named; mutable
# things that are held in several places are written once, with a number, and named by it.
# None of the policy's own code is run for it. What can't be written so is Unusable: the host then
# makes the state again from the recorded calls.


def prepare(room):
    import sys

    call, policy, Unusable, quote = room.call, room.policy, room.Unusable, room.quote
    max_chars, max_depth, max_int_bits = room.max_state_chars, room.max_depth, room.max_int_bits
    clock, get_metrics, kinds, names = room.clock, room.get_metrics, room.kinds, room.names
    reference, of_library, slots_of = names.reference, names.of_library, names.slots_of
    Function, Module, NoneType = type(lambda: None), type(sys), type(None)
    plain_get, infinity = object.__getattribute__, float("inf")

    class Node:
        """Something written as more than one word; its uses decide whether it gets a number."""

        __slots__ = ("tag", "value", "fields", "identity", "uses", "number")

        def __init__(self):
            self.tag = self.value = None
            self.fields = ()
            self.identity = True
            self.uses = 1
            self.number = 0

        def set(self, tag, value, fields=(), identity=True):
            self.tag, self.value, self.fields, self.identity = tag, value, fields, identity

    class Writer:
        def __init__(self):
            self.trail = []
            self.memo = {}
            self.keep = []

        def unusable(self, what):
            raise Unusable("state: " + "".join(self.trail) + ": " + what)

        def within(self, step, value):
            if len(self.trail) > max_depth:
                self.unusable(f"more than {max_depth} containers inside each other")
            self.trail.append(step)
            node = self.value(value)
            self.trail.pop()
            return node

        def value(self, value):
            kind = type(value)
            if kind is NoneType or kind is bool:
                return value
            if kind is str:
                return self.text(value)
            if kind is int and value.bit_length() <= max_int_bits:
                return value
            if kind is float and value == value and value not in (infinity, -infinity):
                return value
            node = self.memo.get(id(value))
            if node is not None:
                node.uses += 1
                return node
            node = self.memo[id(value)] = Node()
            self.keep.append(value)
            self.container(node, value, kind)
            return node

        def text(self, value):
            if " at 0x" in value:
                self.unusable("text with an address of this run in it")
            try:
                value.encode("utf-8")
            except UnicodeEncodeError:
                self.unusable("text with half a surrogate pair (expected: Unicode)")
            return value

        def container(self, node, value, kind):
            if kind is list or kind is tuple or kind is set or kind is frozenset:
                mutable = kind is list or kind is set
                node.set("$" + kind.__name__, self.elements(value), (), mutable)
            elif kind is dict:
                node.set("$dict", self.pairs(value))
            elif value is get_metrics:
                node.set("$host", "get_metrics", (), False)
            elif (name := of_library(value)) is not None:
                node.set("$library", name, (), False)
            elif kind is Function:
                self.function(value)
                self.named(node, "$function", value)
            elif kind is Module:
                node.set("$module", value.__name__, (), False)
            elif isinstance(value, type):
                self.named(node, "$class", value)
            elif not kinds.write(self, node, value, kind):
                self.instance(node, value, kind)

        def elements(self, values):
            return [self.within(f"[{i}]", value) for i, value in enumerate(values)]

        def pairs(self, mapping):
            found = []
            for key, value in dict.items(mapping):
                step = f".{key}" if type(key) is str and key.isidentifier() else "[...]"
                found.append((self.within(step + " (key)", key), self.within(step, value)))
            return found

        def named(self, node, tag, value):
            found = reference(value)
            if found is None:
                self.unusable(f"a {type(value).__name__} that has no name in a module")
            node.set(tag, found, (), False)

        def function(self, function):
            """Refuses one of the policy's that holds state of its own: it would be lost."""
            if not function.__code__.co_filename.startswith("/policy/"):
                return
            held = list(function.__defaults__ or ()) + list((function.__kwdefaults__ or {}).values())
            held += vars(function).values()
            for cell in function.__closure__ or ():
                try:
                    held.append(cell.cell_contents)
                except ValueError:
                    continue
                if not isinstance(held[-1], (Function, type, Module)):
                    self.unusable(f"function {function.__qualname__} with a variable of its own")
            for value in held:
                if not self.constant(value):
                    self.unusable(
                        f"function {function.__qualname__} that holds a {type(value).__name__}"
                    )

        def constant(self, value):
            if isinstance(value, tuple):
                return all(self.constant(element) for element in value)
            immutable = (NoneType, bool, int, float, str, bytes, Function, type, Module)
            return isinstance(value, immutable) or of_library(value) is not None

        def instance(self, node, value, kind):
            """An object of a class that is written in Python: its attributes are its state."""
            base = kinds.base_of(kind)
            found = reference(kind)
            if base is None or found is None:
                self.unusable(f"a {kind.__module__}.{kind.__qualname__}, which can't be written down")
            attributes = []
            try:
                own = plain_get(value, "__dict__")
            except AttributeError:
                own = {}
            for key in own:
                attributes.append((self.text(key), self.within("." + key, own[key])))
            for key, descriptor in slots_of(kind):
                try:
                    held = descriptor.__get__(value, kind)
                except AttributeError:
                    continue
                attributes.append((self.text(key), self.within("." + key, held)))
            fields = [("state", ("map", attributes))]
            if base is dict:
                fields.append(("items", ("list", [("list", p) for p in self.pairs(value)])))
            elif base is not object:
                # A tuple is made of its items: they are read first.
                items = ("items", ("list", self.elements(base.__iter__(value))))
                fields.insert(0 if base is tuple else 1, items)
            node.set("$object", found, fields, base is not tuple)

    def snapshot_tree():
        writer = Writer()

        def root(step, value):
            writer.trail[:] = [step]
            return writer.value(value)

        tree = [("format", 1), ("clock", clock.steady), ("logging", kinds.logging_levels())]
        tree.append(("parameters", root("parameters", policy.parameters)))
        tree.append(("policy", root("self", policy.instance)))
        written, classes = [], []
        for name, module in names.own_modules().items():
            data = []
            for key in sorted(key for key in vars(module) if type(key) is str):
                value = vars(module)[key]
                writer.trail[:] = [f"{name}.{key}"]
                if isinstance(value, Function) and value.__module__ == name:
                    writer.function(value)
                if not names.definition(key, value, name):
                    data.append((key, root(f"{name}.{key}", value)))
            written.append((name, ("map", data)))
            for path, cls in sorted(names.classes_of(name, module).items()):
                data = []
                for key, value in sorted(names.class_data(cls)):
                    place = f"{name}.{path}.{key}"
                    inner = getattr(value, "__func__", value)
                    writer.trail[:] = [place]
                    if isinstance(inner, Function):
                        writer.function(inner)
                    elif kinds.is_cache(value):
                        writer.unusable("a cache of results")
                    elif not isinstance(value, type) and not hasattr(type(value), "__get__"):
                        data.append((key, root(place, value)))
                if data:
                    classes.append((f"{name}:{path}", ("map", data)))
        tree += [("modules", ("map", written)), ("classes", ("map", classes))]
        return ("map", tree)

    class Renderer:
        def __init__(self):
            self.parts = []
            self.size = self.numbers = 0

        def put(self, text):
            self.size += len(text)
            if self.size > max_chars:
                raise Unusable(f"state: more than {max_chars} characters of JSON")
            self.parts.append(text)

        def node(self, node):
            if type(node) is tuple:
                kind, value = node
                return self.members(value) if kind == "map" else self.elements(value)
            if type(node) is not Node:
                return self.put(word(node))
            shared = node.identity and node.uses > 1
            if shared and node.number:
                return self.put('{"$ref":%d}' % node.number)
            if shared:
                self.numbers += 1
                node.number = self.numbers
            if node.tag == "$list" and not shared:
                return self.elements(node.value)
            if node.tag == "$dict" and not shared and plain_keys(node.value):
                return self.members(node.value)
            if node.tag == "$dict":
                value = ("list", [("list", pair) for pair in node.value])
            elif type(node.value) is list:
                value = ("list", node.value)
            else:
                value = node.value
            members = [("$id", node.number)] if shared else []
            return self.members(members + [(node.tag, value), *node.fields])

        def members(self, pairs):
            self.put("{")
            for index, (key, value) in enumerate(pairs):
                self.put(("," if index else "") + quote(key) + ":")
                self.node(value)
            self.put("}")

        def elements(self, values):
            self.put("[")
            for index, value in enumerate(values):
                if index:
                    self.put(",")
                self.node(value)
            self.put("]")

    def word(value):
        if value is None:
            return "null"
        if type(value) is bool:
            return "true" if value else "false"
        return quote(value) if type(value) is str else repr(value)

    def plain_keys(pairs):
        return all(type(key) is str and not key.startswith("$") for key, _ in pairs)

    def write():
        renderer = Renderer()
        renderer.node(snapshot_tree())
        return "".join(renderer.parts)

    room.snapshot = lambda seed, time_ms: call(seed, time_ms, write)
