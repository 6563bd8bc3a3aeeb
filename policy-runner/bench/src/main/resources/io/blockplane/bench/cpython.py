# Runs the same policies in CPython, through an evaluator of the shape that AIOSv1's has: the input is
# built, the call is guarded, the result is read. Reads one JSON object a line on standard input and
# answers microseconds of processor time per evaluation, the best of five rounds.
import json
import sys
import time


class FileInfo:
    pass


class Packet:
    __slots__ = ("session_id", "seq_no", "frame_ptr", "data", "ts", "output_ptr", "files")

    def __init__(self, session_id, seq_no):
        self.session_id, self.seq_no = session_id, seq_no
        self.frame_ptr, self.data, self.ts, self.output_ptr = b"", "{}", 1.5e9, ""
        self.files = []


class Evaluator:
    def __init__(self, rule, parameters, settings):
        self.parameters = parameters
        self.policy = rule("", settings, parameters)

    def evaluate(self, input_data):
        try:
            return self.policy.eval(self.parameters, input_data, None)
        except Exception as error:
            raise RuntimeError(str(error)) from error


def run(task):
    world = {}
    exec(compile(task["source"], "function.py", "exec"), world)
    text = task["metrics"]
    settings = {"get_metrics": lambda: json.loads(text)}
    evaluator = Evaluator(world["AIOSv1PolicyRule"], task["parameters"], settings)
    count = task["count"]
    instances = task["instances"]
    sessions = [f"session-{i}" for i in range(64)]
    input_text = task["input"]

    def route(i):
        packet = Packet(sessions[i & 63], i)
        data = {"mode": "load_balance", "packet": packet, "instances": list(instances)}
        return evaluator.evaluate(data)["instance_id"]

    def decide(i):
        return json.dumps(evaluator.evaluate(json.loads(input_text)))

    call = route if task["kind"] == "ROUTE" else decide
    best = None
    for _ in range(5):
        started = time.process_time()
        for i in range(count):
            call(i)
        spent = (time.process_time() - started) / count * 1e6
        best = spent if best is None else min(best, spent)
    return best


for line in sys.stdin:
    print(run(json.loads(line)), flush=True)
