# Only in the interpreter of a balancer: what a routing call needs to be cheap. A packet's fields
# cross the border when the policy reads them, and are noted then: that is what the record of the
# call holds of the packet.


def prepare(room, read_field, read_file, read_seed):
    SESSION_ID, SEQ_NO, FRAME_PTR, DATA, TS, OUTPUT_PTR, FILES = range(7)
    FIELDS = ("session_id", "seq_no", "frame_ptr", "data", "ts", "output_ptr", "files")
    METADATA, FILE_DATA = range(2)

    # Answers that are no choice; each carries the fields read as well.
    FAILED = -1

    encode_latin = str.encode
    unread = object()

    class Turn:
        # The call under way: its packet, which fields of it were read, and the scalars of it.
        packet = None
        read = 0
        session_id = ""
        seq_no = 0
        ts = 0.0
        files = ()
        ended = None

    turn = Turn()

    def fetch(packet, field):
        if turn.packet is not packet:
            raise RuntimeError(
                f"packet.{FIELDS[field]} was not read while the packet was routed, "
                "and nothing else of it is kept"
            )
        turn.read |= 1 << field
        if field == SESSION_ID:
            return turn.session_id
        if field == SEQ_NO:
            return turn.seq_no
        if field == TS:
            return turn.ts
        if field == FILES:
            files = Files([FileInfo() for _ in range(read_field(FILES))])
            for index, file in enumerate(files):
                file._place = (packet, index)
            turn.files = list(files)
            return files
        value = read_field(field)
        return encode_latin(value, "latin-1") if field == FRAME_PTR else value

    def field(number, name, check):
        slot = "_" + name

        def get(self):
            value = getattr(self, slot)
            if value is unread:
                value = fetch(self, number)
                setattr(self, slot, value)
            return value

        def put(self, value):
            setattr(self, slot, check(name, value))

        return property(get, put)

    def wrong(name, value, expected):
        return TypeError(
            f"{value!r} has type {type(value).__name__}, but {name} expects {expected}"
        )

    def text(name, value):
        if isinstance(value, bytes):
            return value.decode("utf-8")
        if not isinstance(value, str):
            raise wrong(name, value, "str")
        return str(value)

    def octets(name, value):
        if not isinstance(value, bytes):
            raise wrong(name, value, "bytes")
        return bytes(value)

    def unsigned(name, value):
        if not isinstance(value, int):
            raise wrong(name, value, "int")
        if not 0 <= value < 1 << 64:
            raise ValueError(f"Value out of range: {value}")
        return int(value)

    def real(name, value):
        if not isinstance(value, (int, float)):
            raise wrong(name, value, "float")
        return float(value)

    def not_assigned(name, value):
        raise AttributeError(f"Assignment not allowed to repeated field {name!r}")

    def varint(value):
        parts = bytearray()
        while value > 127:
            parts.append(value & 127 | 128)
            value >>= 7
        parts.append(value)
        return bytes(parts)

    def chunk(number, value):
        return varint(number << 3 | 2) + varint(len(value)) + value if value else b""

    class Message:
        __slots__ = ()

        def HasField(self, name):
            if name not in self._names:
                raise ValueError(f"Protocol message {type(self).__name__} has no {name!r} field.")
            raise ValueError(
                f"Can't test non-optional, non-submessage field "
                f"{type(self).__name__}.{name} for presence in proto3"
            )

        def ByteSize(self):
            return len(self.SerializeToString())

        def __eq__(self, other):
            if type(other) is not type(self):
                return NotImplemented
            return all(getattr(self, name) == getattr(other, name) for name in self._names)

        __hash__ = None

        def __copy__(self):
            copied = type(self)()
            for name in self._names:
                setattr(copied, "_" + name, getattr(self, name))
            return copied

        def __deepcopy__(self, memo):
            copied = self.__copy__()
            if self._names is FIELDS:
                copied._files = Files([file.__copy__() for file in self.files])
            return copied

        def __repr__(self):
            parts = []
            for name in self._names:
                value = getattr(self, name)
                if value and name != "files":
                    parts.append(f"{name}: {value!r}\n")
            return "".join(parts)

    class FileInfo(Message):
        __slots__ = ("_metadata", "_file_data", "_place", "_read")
        _names = ("metadata", "file_data")

        def __init__(self, metadata=unread, file_data=unread):
            self._metadata, self._file_data = metadata, file_data
            self._place, self._read = None, 0

        def _get(self, number):
            if self._place is None:
                return b"" if number == FILE_DATA else ""
            packet, index = self._place
            if turn.packet is not packet:
                raise RuntimeError(
                    f"packet.files[{index}].{self._names[number]} was not read while the packet "
                    "was routed, and nothing else of it is kept"
                )
            self._read |= 1 << number
            value = read_file(index, number)
            return encode_latin(value, "latin-1") if number == FILE_DATA else value

        @property
        def metadata(self):
            if self._metadata is unread:
                self._metadata = self._get(METADATA)
            return self._metadata

        @metadata.setter
        def metadata(self, value):
            self._metadata = text("metadata", value)

        @property
        def file_data(self):
            if self._file_data is unread:
                self._file_data = self._get(FILE_DATA)
            return self._file_data

        @file_data.setter
        def file_data(self, value):
            self._file_data = octets("file_data", value)

        def SerializeToString(self):
            return chunk(1, self.metadata.encode()) + chunk(2, self.file_data)

    class Files(list):
        __slots__ = ()

        def add(self, **values):
            file = FileInfo(**values)
            self.append(file)
            return file

    class AIOSPacket(Message):
        __slots__ = tuple("_" + name for name in FIELDS)
        _names = FIELDS

        def __init__(self):
            self._session_id = self._seq_no = self._frame_ptr = self._data = unread
            self._ts = self._output_ptr = self._files = unread

        session_id = field(SESSION_ID, "session_id", text)
        seq_no = field(SEQ_NO, "seq_no", unsigned)
        frame_ptr = field(FRAME_PTR, "frame_ptr", octets)
        data = field(DATA, "data", text)
        ts = field(TS, "ts", real)
        output_ptr = field(OUTPUT_PTR, "output_ptr", text)
        files = field(FILES, "files", not_assigned)

        def SerializeToString(self):
            import struct

            parts = [chunk(1, self.session_id.encode())]
            if self.seq_no:
                parts.append(b"\x10" + varint(self.seq_no))
            parts += [chunk(3, self.frame_ptr), chunk(4, self.data.encode())]
            if self.ts:
                parts.append(b"\x29" + struct.pack("<d", self.ts))
            parts.append(chunk(6, self.output_ptr.encode()))
            for file in self.files:
                content = file.SerializeToString()
                parts.append(b"\x3a" + varint(len(content)) + content)
            return b"".join(parts)

    # ---- The fast path.

    class Candidates:
        ids = []
        places = {}

    candidates = Candidates()
    policy, reads, quote = room.policy, room.reads, room.quote
    set_clock, set_seed = room.set_clock, room.set_seed
    unusable, describe = room.Unusable, room.describe
    flush_stdout, flush_stderr = room.flush

    def set_candidates(*ids):
        candidates.ids = list(ids)
        candidates.places = {name: index for index, name in enumerate(ids)}

    def place_of(result):
        """Which candidate a result names; anything else is no result."""
        if not isinstance(result, dict):
            raise unusable(
                f"output: a {type(result).__name__} (expected: a dict with instance_id)"
            )
        if "instance_id" not in result:
            raise unusable("instance_id: missing (expected: the id of an instance)")
        name = result["instance_id"]
        if not isinstance(name, str):
            raise unusable(
                f"instance_id: a {type(name).__name__} (expected: the id of an instance)"
            )
        place = candidates.places.get(str.__str__(name), -1)
        if place < 0:
            shown = quote(str.__str__(name)[:100])
            raise unusable(
                f"instance_id: {shown} (expected: one of the {len(candidates.ids)} instances)"
            )
        return place

    def route(time_ms, session_id, seq_no, ts):
        """The place of the chosen candidate, or FAILED, with the fields read below it."""
        set_clock(time_ms * 1_000_000)
        set_seed(read_seed)
        reads[0] = 0
        turn.read = 0
        turn.session_id, turn.seq_no, turn.ts = session_id, seq_no, ts
        if seq_no < 0:
            turn.seq_no = seq_no + (1 << 64)
        turn.packet = packet = AIOSPacket()
        try:
            result = policy.instance.eval(
                policy.parameters,
                {
                    "mode": "load_balance",
                    "packet": packet,
                    "instances": candidates.ids[:],
                },
                None,
            )
            choice = result.get("instance_id") if type(result) is dict else None
            place = candidates.places.get(choice, -1) if type(choice) is str else -1
            if place < 0:
                place = place_of(result)
        except unusable as error:
            turn.ended = ["UNUSABLE", str(error)]
            place = FAILED
        except (MemoryError, RecursionError) as error:
            turn.ended = ["BROKEN", describe(error)]
            place = FAILED
        except BaseException as error:
            turn.ended = ["RAISED", describe(error)]
            place = FAILED
        finally:
            turn.packet = None
        for flush in (flush_stdout, flush_stderr):
            try:
                flush()
            except BaseException:
                pass  # The policy closed it.
        return place * 128 + turn.read

    def failure():
        """How the last call ended, if not with a choice."""
        return turn.ended

    def files_read():
        """Of each file of the last packet, which fields were read."""
        return [file._read for file in turn.files]

    room.route, room.failure, room.files_read = route, failure, files_read
    room.set_candidates = set_candidates
