# Values that cross the border: they go in and out as JSON text.


def prepare(room):
    max_output_chars = room.max_output_chars
    max_depth = room.max_depth
    max_int_bits = room.max_int_bits

    import json

    decode = json.JSONDecoder().decode
    quote = json.encoder.encode_basestring_ascii
    int_text, int_bits, float_text = int.__repr__, int.bit_length, float.__repr__
    str_text, is_ascii, encode_text = str.__str__, str.isascii, str.encode
    dict_items, list_iter, tuple_iter = dict.items, list.__iter__, tuple.__iter__
    infinity = float("inf")

    class Unusable(Exception):
        pass

    def place_of(trail):
        text = "output"
        for key in trail:
            if isinstance(key, int):
                text += f"[{key}]"
            elif str.isidentifier(key):
                text += f".{key}"
            else:
                text += f"[{quote(key)}]"
        return text

    class Writer:
        """Writes one value as JSON. The trail is the way to the value at hand, for messages."""

        def __init__(self):
            self.parts = []
            self.size = 0
            self.trail = []
            self.open = set()

        def unusable(self, what):
            raise Unusable(f"{place_of(self.trail)}: {what}")

        def put(self, part):
            self.size += len(part)
            if self.size > max_output_chars:
                raise Unusable(f"output: more than {max_output_chars} characters of JSON")
            self.parts.append(part)

        def value(self, value):
            if isinstance(value, str):
                self.put(self.text(value))
            elif value is None:
                self.put("null")
            elif value is True or value is False:
                self.put("true" if value else "false")
            elif isinstance(value, int):
                if int_bits(value) > max_int_bits:
                    self.unusable(f"an int of more than {max_int_bits} bits")
                self.put(int_text(value))
            elif isinstance(value, float):
                if value != value or value in (infinity, -infinity):
                    self.unusable(f"{float_text(value)} (expected: a finite number)")
                self.put(float_text(value))
            elif isinstance(value, (dict, list, tuple)):
                self.container(value)
            else:
                self.unusable(
                    f"a {type(value).__name__} "
                    "(expected: dict, list, tuple, str, int, float, bool or None)"
                )

        def text(self, value):
            text = str_text(value)
            if not is_ascii(text):
                try:
                    encode_text(text, "utf-8")
                except UnicodeEncodeError:
                    self.unusable("text with half a surrogate pair (expected: Unicode)")
            return quote(text)

        def container(self, value):
            if len(self.trail) >= max_depth:
                self.unusable(f"more than {max_depth} containers inside each other")
            if id(value) in self.open:
                self.unusable("a container that contains itself")
            self.open.add(id(value))
            if isinstance(value, dict):
                self.members(value)
            else:
                self.elements(list_iter(value) if isinstance(value, list) else tuple_iter(value))
            self.open.discard(id(value))

        def members(self, value):
            between = "{"
            for key, member in dict_items(value):
                if not isinstance(key, str):
                    self.unusable(f"a key that is a {type(key).__name__} (expected: str keys)")
                self.put(between + self.text(key) + ":")
                self.trail.append(str_text(key))
                self.value(member)
                self.trail.pop()
                between = ","
            self.put("{}" if between == "{" else "}")

        def elements(self, values):
            index = 0
            self.put("[")
            self.trail.append(0)
            for element in values:
                if index:
                    self.put(",")
                    self.trail[-1] = index
                self.value(element)
                index += 1
            self.trail.pop()
            self.put("]")

    def write(value):
        writer = Writer()
        writer.value(value)
        return "".join(writer.parts)

    room.decode = decode
    room.quote = quote
    room.write = write
    room.Unusable = Unusable
