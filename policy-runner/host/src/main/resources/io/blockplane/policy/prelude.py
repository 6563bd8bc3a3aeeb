# Runs in every policy's interpreter before the policy's own code, and binds what a policy can see
# of the machine to the decision: its clock is the decision's logical time, its randomness comes
# from the decision's place in the log. A second run of the same calls sees the same things.
#
# Three rules of this file:
# * A patched function is a functools.partial. A plain function stored on a class (logging does
#   so with time.localtime) would turn into a method.
# * A module is patched before anything imports names from it.
# * Whatever is used after the policy's code has been loaded is bound to a local name here, so that
#   a policy that patches modules itself changes its own world only.


def prepare(read_metrics, max_output_chars, max_depth, max_int_bits, max_metrics_reads):
    import sys

    # A native datetime would not follow the patched clock; the one in Python does.
    sys.modules["_datetime"] = None

    import functools
    import os
    import posix
    import time

    partial = functools.partial

    if "random" in sys.modules:
        raise RuntimeError("random is imported before its source is patched")

    # ---- The clock: logical time, frozen. Only sleep moves it, without sleeping.

    class Clock:
        start = now = steady = 0

    clock = Clock()

    def set_clock(now_ns):
        clock.start = clock.now = now_ns
        # Logical time may stand still or be set back by a sleep in an earlier call; what calls
        # itself steady never goes back.
        clock.steady = max(clock.steady, now_ns)

    def now_ns():
        return clock.now

    def steady_ns():
        return clock.steady

    def used_ns():
        return clock.now - clock.start

    def seconds(source):
        return partial(lambda: source() / 1_000_000_000)

    def sleep(duration):
        if not isinstance(duration, (int, float)):
            raise TypeError(f"'{type(duration).__name__}' object cannot be interpreted as seconds")
        nanos = int(duration * 1_000_000_000)
        if nanos < 0:
            raise ValueError("sleep length must be non-negative")
        clock.now += nanos
        clock.steady += nanos

    def clock_ns(clock_id):
        if clock_id in (getattr(time, "CLOCK_REALTIME", 0),):
            return clock.now
        return clock.steady

    localtime, gmtime = time.localtime, time.gmtime
    strftime, asctime = time.strftime, time.asctime

    def at(convert, secs=None):
        return convert(clock.now / 1_000_000_000 if secs is None else secs)

    days = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
    months = (
        "January February March April May June July August September October November December"
    ).split()

    def in_utc(form, t=None):
        # The native one takes names from the machine's time zone and language.
        t = at(localtime) if t is None else t
        names = {"Z": "UTC", "z": "+0000"}
        if len(t) > 6 and t[1] in range(1, 13) and t[6] in range(7):
            names.update(A=days[t[6]], a=days[t[6]][:3], B=months[t[1] - 1])
            names.update(b=months[t[1] - 1][:3], h=months[t[1] - 1][:3])
            names.update(p="AM" if t[3] < 12 else "PM")
        parts = form.split("%%")
        for index, part in enumerate(parts):
            for letter, name in names.items():
                part = part.replace("%" + letter, name)
            parts[index] = part
        return strftime("%%".join(parts), t)

    def ctime(secs=None):
        return asctime(at(localtime, secs))

    time.time, time.time_ns = seconds(now_ns), partial(now_ns)
    for name in ("monotonic", "perf_counter"):
        setattr(time, name, seconds(steady_ns))
        setattr(time, name + "_ns", partial(steady_ns))
    for name in ("process_time", "thread_time"):
        setattr(time, name, seconds(used_ns))
        setattr(time, name + "_ns", partial(used_ns))
    time.clock_gettime = partial(lambda clock_id: clock_ns(clock_id) / 1_000_000_000)
    time.clock_gettime_ns = partial(clock_ns)
    time.sleep = partial(sleep)
    time.localtime, time.gmtime = partial(at, localtime), partial(at, gmtime)
    time.strftime = partial(in_utc)
    time.asctime = partial(lambda t=None: asctime(at(localtime) if t is None else t))
    time.ctime = partial(ctime)

    # ---- Randomness: one stream of bits behind everything, seeded for each call.

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

    # ---- The machine: the same for every policy, and out of reach.

    def refuse(name):
        def refused(*args, **kwargs):
            raise PermissionError(f"{name} is not available to a policy")

        return partial(refused)

    denied = (
        "abort _exit execl execle execlp execlpe execv execve execvp execvpe fork forkpty kill "
        "killpg popen posix_spawn posix_spawnp spawnl spawnle spawnlp spawnlpe spawnv spawnve "
        "spawnvp spawnvpe system nice setpriority sched_setaffinity setuid setgid setsid setpgid "
        "umask waitpid wait chroot mkfifo mknod openpty pipe pipe2"
    )
    for name in denied.split():
        for module in (os, posix):
            if hasattr(module, name):
                setattr(module, name, refuse("os." + name))

    system_name = posix.uname_result(("Linux", "policy", "0", "0", "x86_64"))
    facts = {
        "cpu_count": 1,
        "getpid": 1,
        "getppid": 0,
        "getuid": 0,
        "geteuid": 0,
        "getgid": 0,
        "getegid": 0,
        "getlogin": "policy",
        "uname": system_name,
        "getloadavg": (0.0, 0.0, 0.0),
    }

    def always(value):
        return partial(lambda *args: value)

    for name, value in facts.items():
        for module in (os, posix):
            if hasattr(module, name):
                setattr(module, name, always(value))
    sys.version = "%d.%d.%d (policy, Jan  1 1970, 00:00:00) [GraalPy]" % sys.version_info[:3]
    sys.executable = sys._base_executable = ""

    import _socket
    import _thread
    import gc
    import resource

    # A class: socket.socket derives from it.
    class NoSocket:
        __slots__ = ()

        def __init__(self, *args, **kwargs):
            raise PermissionError("socket is not available to a policy")

    _socket.socket = _socket.SocketType = NoSocket
    for name in dir(_socket):
        if name == "socketpair" or (name.startswith("get") and name != "getdefaulttimeout"):
            setattr(_socket, name, refuse("socket." + name))
    for name in ("getrusage", "getrlimit", "setrlimit", "prlimit"):
        if hasattr(resource, name):
            setattr(resource, name, refuse("resource." + name))

    def no_threads(*args, **kwargs):
        raise RuntimeError("can't start new thread: a policy has one")

    for name in ("start_new_thread", "start_new", "start_joinable_thread"):
        if hasattr(_thread, name):
            setattr(_thread, name, partial(no_threads))
    gc.collect = always(0)

    # A policy that set a handler would take the signal from the whole process.
    import _signal
    import signal

    for name in (
        "alarm default_int_handler pause pthread_kill pthread_sigmask raise_signal set_wakeup_fd "
        "setitimer siginterrupt signal sigpending sigtimedwait sigwait sigwaitinfo"
    ).split():
        for module in (_signal, signal):
            if hasattr(module, name):
                setattr(module, name, refuse("signal." + name))

    try:
        import faulthandler
    except ImportError:
        pass
    else:
        for name in dir(faulthandler):
            if callable(getattr(faulthandler, name)) and not name.startswith("__"):
                setattr(faulthandler, name, refuse("faulthandler." + name))

    # ---- Values that cross the border.

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

    reads = [0]

    def get_metrics():
        """What is known of the block at the decision's time; a new copy at each call."""
        reads[0] += 1
        if reads[0] > max_metrics_reads:
            raise RuntimeError(f"get_metrics: more than {max_metrics_reads} calls in one decision")
        document = read_metrics()
        if not document:
            raise RuntimeError("get_metrics: no metrics can be had")
        return decode(document)

    get_metrics.__qualname__ = "get_metrics"

    # ---- Calls. Each answers [how it ended, text].

    stdout, stderr = sys.stdout, sys.stderr
    flush_stdout, flush_stderr = stdout.flush, stderr.flush

    def place(error):
        found = ""
        traceback = error.__traceback__
        while traceback is not None:
            code = traceback.tb_frame.f_code
            if code.co_filename.startswith("/policy/"):
                file = code.co_filename[len("/policy/"):]
                found = f" ({file} line {traceback.tb_lineno} in {code.co_name})"
            traceback = traceback.tb_next
        return found

    def describe(error):
        try:
            text = str(error)
        except BaseException:
            text = "(its text can't be had)"
        name = type(error).__name__
        return (f"{name}: {text}" if text else name) + place(error)

    def call(seed, time_ms, action):
        set_clock(time_ms * 1_000_000)
        set_seed(seed)
        reads[0] = 0
        try:
            return ["RETURNED", action()]
        except Unusable as error:
            return ["UNUSABLE", str(error)]
        except (MemoryError, RecursionError) as error:
            # Where the line is depends on the machine.
            return ["BROKEN", describe(error)]
        except BaseException as error:
            return ["RAISED", describe(error)]
        finally:
            for flush in (flush_stdout, flush_stderr):
                try:
                    flush()
                except BaseException:
                    pass  # The policy closed it.

    class Policy:
        instance = parameters = None

    policy = Policy()

    def init(seed, time_ms, parameters, settings, surroundings):
        def action():
            sys.path.insert(0, "/policy/code")
            module = __import__("function")
            rule = getattr(module, "AIOSv1PolicyRule", None)
            if rule is None:
                rule = getattr(module, "AIOsv1PolicyRule", None)
            if rule is None:
                raise Unusable("code/function.py: no class AIOSv1PolicyRule (expected: one)")
            policy.parameters = decode(parameters)
            injected = decode(settings)
            injected.update(decode(surroundings))
            injected["get_metrics"] = get_metrics
            policy.instance = rule("", injected, policy.parameters)
            return ""

        return call(seed, time_ms, action)

    def evaluate(seed, time_ms, input_data):
        return call(
            seed,
            time_ms,
            lambda: write(policy.instance.eval(policy.parameters, decode(input_data), None)),
        )

    def manage(seed, time_ms, name, data):
        return call(
            seed, time_ms, lambda: write(policy.instance.management(name, decode(data)))
        )

    return [init, evaluate, manage]
