# Reads what the writer of states wrote, into a policy object that was just made.


def prepare(room):
    import sys

    call, policy, clock, decode_json = room.call, room.policy, room.clock, room.decode
    get_metrics, kinds, names = room.get_metrics, room.kinds, room.names
    resolve, slots_of, definition = names.resolve, names.slots_of, names.definition
    modules = sys.modules
    plain_get, plain_new = object.__getattribute__, object.__new__

    class Reader:
        def __init__(self):
            self.numbered = {}

        def value(self, value, into=None):
            if type(value) is list:
                return [self.value(element) for element in value]
            if type(value) is not dict:
                return value
            if "$ref" in value:
                return self.numbered[value["$ref"]]
            number = value.get("$id")
            tag = next((key for key in value if key.startswith("$") and key != "$id"), None)
            if tag is None:
                return {key: self.value(member) for key, member in value.items()}
            return self.tagged(tag, value[tag], value, number, into)

        def number(self, number, made):
            if number is not None:
                self.numbered[number] = made
            return made

        def tagged(self, tag, body, fields, number, into):
            if tag == "$list" or tag == "$set":
                made = self.number(number, [] if tag == "$list" else set())
                for element in body:
                    (made.append if tag == "$list" else made.add)(self.value(element))
                return made
            if tag == "$dict":
                made = self.number(number, {})
                for key, member in body:
                    key = self.value(key)
                    made[key] = self.value(member)
                return made
            if tag in ("$tuple", "$frozenset"):
                made = [self.value(element) for element in body]
                return tuple(made) if tag == "$tuple" else frozenset(made)
            if tag == "$host":
                return get_metrics
            if tag in ("$function", "$class", "$library"):
                return resolve(body)
            if tag == "$module":
                return __import__(body, fromlist=["*"])
            if tag == "$object":
                return self.instance(resolve(body), fields, number, into)
            return kinds.read(self, tag, body, fields, number)

        def instance(self, cls, fields, number, into):
            base = kinds.base_of(cls)
            if base is not object or type(into) is not cls:
                into = None
            if base is tuple:
                made = tuple.__new__(cls, [self.value(element) for element in fields["items"]])
            else:
                made = (plain_new if base is object else base.__new__)(cls) if into is None else into
            self.number(number, made)
            slots = dict(slots_of(cls))
            if into is not None and hasattr(made, "__dict__"):
                plain_get(made, "__dict__").clear()
            for key, member in fields["state"].items():
                member = self.value(member)
                if slots.get(key) is not None:
                    slots[key].__set__(made, member)
                else:
                    plain_get(made, "__dict__")[key] = member
            if base is dict:
                for key, member in fields["items"]:
                    key = self.value(key)
                    dict.__setitem__(made, key, self.value(member))
            elif base is not object and base is not tuple:
                for element in fields["items"]:
                    (list.append if base is list else set.add)(made, self.value(element))
            return made

    def read(text):
        state = decode_json(text)
        for name in state["modules"]:
            if name not in modules:
                __import__(name)
        clock.steady = state["clock"]
        kinds.set_logging_levels(state["logging"])
        # In the order in which they were written: a reference goes backwards only.
        reader = Reader()
        policy.parameters = reader.value(state["parameters"])
        policy.instance = reader.value(state["policy"], policy.instance)
        for name, data in state["modules"].items():
            own = vars(modules[name])
            for key in [key for key, value in own.items() if not definition(key, value, name)]:
                if key not in data:
                    del own[key]
            for key, value in data.items():
                own[key] = reader.value(value)
        for path, held in state["classes"].items():
            for key, value in held.items():
                setattr(resolve(path), key, reader.value(value))
        return ""

    room.restore = lambda seed, time_ms, text: call(seed, time_ms, lambda: read(text))
