# Runs a policy author's own tests. Not part of a decision: it is loaded for that alone.


def prepare(room):
    import importlib.util
    import inspect
    import json
    import linecache
    import sys

    call, describe = room.call, room.describe

    max_cases, max_detail = 500, 2_000
    code = "/policy/code"

    def cut(text):
        return text if len(text) <= max_detail else text[:max_detail] + "..."

    def broken(error):
        """What is wrong, and the line of the author's where it is."""
        text = describe(error)
        traceback, line = error.__traceback__, ""
        while traceback is not None:
            file = traceback.tb_frame.f_code.co_filename
            if file.startswith("/policy/"):
                line = linecache.getline(file, traceback.tb_lineno).strip() or line
            traceback = traceback.tb_next
        return cut(f"{text}: {line}" if line and isinstance(error, AssertionError) else text)

    def load(path):
        folder, _, name = path.rpartition("/")
        for place in (folder, "/policy", code):
            if place in sys.path:
                sys.path.remove(place)
            sys.path.insert(0, place)
        module_name = name[:-len(".py")]
        spec = importlib.util.spec_from_file_location(module_name, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[module_name] = module
        spec.loader.exec_module(module)
        return module

    def missing(function):
        """Arguments that nobody gives: the fixtures of pytest, which is not here."""
        return [
            name
            for name, parameter in inspect.signature(function).parameters.items()
            if parameter.default is parameter.empty
            and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        ]

    def run(name, function):
        import unittest

        try:
            needed = missing(function)
            if needed:
                raise TypeError(
                    "needs " + ", ".join(needed) + " (expected: no arguments; there are no fixtures)"
                )
            function()
            return [name, "PASSED", ""]
        except unittest.SkipTest as error:
            return [name, "SKIPPED", cut(str(error))]
        except BaseException as error:
            return [name, "FAILED", broken(error)]

    def of_unittest(file, module):
        import unittest

        class Result(unittest.TestResult):
            def __init__(self):
                super().__init__()
                self.ended = ["PASSED", ""]

            def note(self, outcome, detail):
                if self.ended[0] != "FAILED":
                    self.ended = [outcome, detail]

            def addFailure(self, test, err):
                self.note("FAILED", broken(err[1]))

            def addError(self, test, err):
                self.note("FAILED", broken(err[1]))

            def addSubTest(self, test, subtest, err):
                if err is not None:
                    self.note("FAILED", str(subtest.params) + ": " + broken(err[1]))

            def addSkip(self, test, reason):
                self.note("SKIPPED", cut(reason))

            def addExpectedFailure(self, test, err):
                pass

            def addUnexpectedSuccess(self, test):
                self.note("FAILED", "was expected to fail, and did not")

        for name in sorted(vars(module)):
            case = getattr(module, name)
            if not (inspect.isclass(case) and issubclass(case, unittest.TestCase)):
                continue
            if case.__module__ != module.__name__:
                continue
            methods = unittest.defaultTestLoader.getTestCaseNames(case)
            if not methods:
                continue
            problem = None
            try:
                case.setUpClass()
            except BaseException as error:
                problem = broken(error)
            for method in methods:
                title = f"{file}::{name}::{method}"
                if problem is not None:
                    yield [title, "FAILED", problem]
                    continue
                result = Result()
                case(method).run(result)
                yield [title] + result.ended
            if problem is None:
                try:
                    case.tearDownClass()
                except BaseException as error:
                    yield [f"{file}::{name}::tearDownClass", "FAILED", broken(error)]

    def of_class(file, name, case):
        for method in [m for m in vars(case) if m.startswith("test")]:
            if not callable(getattr(case, method)):
                continue
            title = f"{file}::{name}::{method}"

            def whole(method=method):
                instance = case()
                if hasattr(instance, "setup_method"):
                    instance.setup_method(*([None] * len(missing(instance.setup_method))))
                try:
                    test = getattr(instance, method)
                    needed = missing(test)
                    if needed:
                        raise TypeError(
                            "needs "
                            + ", ".join(needed)
                            + " (expected: no arguments; there are no fixtures)"
                        )
                    test()
                finally:
                    if hasattr(instance, "teardown_method"):
                        instance.teardown_method(*([None] * len(missing(instance.teardown_method))))

            yield run(title, whole)

    def of_functions(file, module):
        import unittest

        for name, value in list(vars(module).items()):
            if getattr(value, "__module__", None) != module.__name__:
                continue
            if inspect.isfunction(value) and name.startswith("test"):
                yield run(f"{file}::{name}", value)
            elif (
                inspect.isclass(value)
                and name.startswith("Test")
                and not issubclass(value, unittest.TestCase)
            ):
                yield from of_class(file, name, value)

    def of_file(path):
        file = path[len("/policy/"):]
        try:
            module = load(path)
        except BaseException as error:
            yield [file, "FAILED", broken(error)]
            return
        yield from of_unittest(file, module)
        yield from of_functions(file, module)

    def self_test(seed, time_ms, files):
        def action():
            cases = []
            for path in json.loads(files):
                for case in of_file(path):
                    cases.append(case)
                    if len(cases) == max_cases:
                        return json.dumps(cases)
            return json.dumps(cases)

        return call(seed, time_ms, action)

    room.self_test = self_test
