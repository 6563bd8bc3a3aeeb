# The machine: the same for every policy, and out of reach.


def prepare(room):
    import functools
    import os
    import posix
    import sys

    partial = functools.partial

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
