# The clock: logical time, frozen. Only sleep moves it, without sleeping.


def prepare(room):
    import functools
    import time

    partial = functools.partial

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

    room.set_clock = set_clock
    room.clock = clock
