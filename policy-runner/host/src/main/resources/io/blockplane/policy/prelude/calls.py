# The calls of a policy. Each answers [how it ended, text].


def prepare(room):
    import sys

    read_metrics, max_metrics_reads = room.read_metrics, room.max_metrics_reads
    set_clock, set_seed = room.set_clock, room.set_seed
    decode, write, Unusable = room.decode, room.write, room.Unusable

    reads = [0]

    def get_metrics():
        """What is known of the block at the decision's time; a new copy at each call."""
        reads[0] += 1
        if reads[0] > max_metrics_reads:
            raise RuntimeError(f"get_metrics: more than {max_metrics_reads} calls in one decision")
        document = read_metrics()
        if document is None:
            raise RuntimeError("get_metrics: no metrics can be had")
        return decode(document) if type(document) is str else document

    get_metrics.__qualname__ = "get_metrics"

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

    def evaluate(seed, time_ms, document):
        def action():
            input_data = decode(document) if type(document) is str else document
            return write(policy.instance.eval(policy.parameters, input_data, None))

        return call(seed, time_ms, action)

    def manage(seed, time_ms, name, data):
        return call(
            seed, time_ms, lambda: write(policy.instance.management(name, decode(data)))
        )

    room.call, room.describe, room.policy = call, describe, policy
    room.get_metrics, room.reads = get_metrics, reads
    room.flush = (flush_stdout, flush_stderr)
    room.init, room.evaluate, room.manage = init, evaluate, manage
