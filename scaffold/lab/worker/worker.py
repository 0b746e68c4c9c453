"""Runs a pipeline's Python programs for the lab: one process that has imported what they import, and forks one child for each.

The lab sends one JSON object a line over the socket on descriptor 3, each with the descriptor of a pipe for what the program
prints. "server" starts a Spark Connect server of Sail with the credentials of a role; "job" runs a script as a program of its own.
The lab gets {"id", "pid"} when a child is there, {"id", "port"} of a server, and {"id", "exit", "signal", "failure"} at its end.
When the lab is gone the socket ends, and everything ends with it.
"""

import atexit
import json
import os
import runpy
import selectors
import signal
import socket
import sys
import threading
import traceback

LONGEST = 1000  # characters of a failure


def preload(engine):
    """Imports what takes long, so that a job need not; a job that does without is not hindered by what is missing."""
    modules = ["boto3", "pyspark.sql", "pyspark.sql.functions"]
    if engine == "sail":
        modules += ["pandas", "pyarrow", "grpc", "pyspark.sql.connect.session", "pyspark.sql.connect.functions"]
    for module in modules:
        try:
            __import__(module)
        except ImportError:
            continue


def failure_of(error):
    """The last line of the traceback, which is what Glue has as ErrorMessage."""
    if isinstance(error, SystemExit):
        return f"SystemExit: {error.code}"
    text = traceback.format_exception_only(type(error), error)[-1].strip()
    return text.split("\n", 1)[0][:LONGEST]


def show(error, script):
    """Prints the traceback from the script on, as if it had been started alone."""
    frame = error.__traceback__
    while frame and frame.tb_frame.f_code.co_filename != script:
        frame = frame.tb_next
    traceback.print_exception(type(error), error, frame or error.__traceback__)


def run(request):
    """Runs a script as __main__; returns its exit code and what went wrong."""
    script, argv = request["script"], request["argv"]
    sys.path[:0] = [os.path.dirname(script), request["shim"]]
    stage = None
    if request.get("stage"):
        from stage import Stage

        stage = Stage(request["stage"])
        argv = stage.fetch(argv)
    sys.argv = [script, *argv]
    code, failure = 0, ""
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as error:
        if error.code not in (None, 0):
            code, failure = error.code if isinstance(error.code, int) else 1, failure_of(error)
            if not isinstance(error.code, int):
                print(error.code, file=sys.stderr)
    except BaseException as error:
        show(error, script)
        code, failure = 1, failure_of(error)
    threading._shutdown()  # what the interpreter does at its end: pools are told, and threads waited for
    atexit._run_exitfuncs()
    if stage:
        stage.store()
    return code, failure


def serve(request, report):
    """Runs Sail until it is killed."""
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer(ip="127.0.0.1", port=0)
    server.start(background=True)
    os.write(report, json.dumps({"port": server.listening_address[1]}).encode() + b"\n")
    while True:
        signal.pause()


def die_with_parent(parent):
    """Linux ends the child when this process is killed; elsewhere the lab ends the process groups that it knows of."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)  # it was gone before the child could ask for that


def child(request, log, report, parent):
    """What happens in a child; it never returns."""
    code = 1
    try:
        os.setpgid(0, 0)
        die_with_parent(parent)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(source, target)
        os.close(log)
        sys.stdout.reconfigure(line_buffering=True)
        os.environ.clear()
        os.environ.update(request["env"])
        os.chdir(request["folder"])
        if request["do"] == "server":
            serve(request, report)
        code, failure = run(request)
        os.write(report, json.dumps({"failure": failure}).encode() + b"\n")
    except BaseException as error:
        traceback.print_exception(error)
        os.write(report, json.dumps({"failure": failure_of(error)}).encode() + b"\n")
    finally:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(code & 0xFF or (1 if code else 0))


class Worker:
    """The parent of all children."""

    def __init__(self, engine):
        self.engine = engine
        self.socket = socket.socket(fileno=3)
        self.buffer, self.logs = b"", []
        self.children = {}  # pid -> (id, descriptor of its report)
        self.wake, wakes = os.pipe()
        os.set_blocking(wakes, False)
        os.set_blocking(self.wake, False)
        signal.set_wakeup_fd(wakes)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.socket, selectors.EVENT_READ, self.receive)
        self.selector.register(self.wake, selectors.EVENT_READ, self.reap)

    def say(self, **message):
        self.socket.sendall(json.dumps(message).encode() + b"\n")

    def loop(self):
        """Serves what is there already, a server before all, and then imports the rest while the server starts."""
        ready = False
        while True:
            events = self.selector.select(0 if not ready else None)
            if not events and not ready:
                preload(self.engine)
                ready = True
            for key, _ in events:
                key.data()

    def receive(self):
        data, logs, _, _ = socket.recv_fds(self.socket, 1 << 16, 8)
        if not data:
            self.end()
        self.logs += logs
        self.buffer += data
        while b"\n" in self.buffer:
            line, self.buffer = self.buffer.split(b"\n", 1)
            self.start(json.loads(line), self.logs.pop(0))

    def start(self, request, log):
        report, theirs = os.pipe()
        parent = os.getpid()
        sys.stdout.flush()
        pid = os.fork()
        if pid == 0:
            self.socket.close()
            child(request, log, theirs, parent)
        try:
            os.setpgid(pid, pid)
        except OSError:
            pass  # the child was faster
        os.close(log)
        os.close(theirs)
        self.children[pid] = (request["id"], report)
        self.say(id=request["id"], pid=pid)
        if request["do"] == "server":
            self.selector.register(report, selectors.EVENT_READ, lambda: self.started(request["id"], report))

    def started(self, number, report):
        self.selector.unregister(report)
        line = os.read(report, 4096)
        if line:
            self.say(id=number, **json.loads(line))

    def reap(self):
        os.read(self.wake, 4096)
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            number, report = self.children.pop(pid, (None, None))
            if number is None:
                continue
            if report in self.selector.get_map():
                self.selector.unregister(report)
            os.set_blocking(report, False)
            try:
                line = os.read(report, 1 << 16)
            except BlockingIOError:
                line = b""
            os.close(report)
            said = json.loads(line) if line else {}
            code = os.waitstatus_to_exitcode(status)
            self.say(id=number, exit=max(code, 0), signal=max(-code, 0), failure=said.get("failure", ""), ended=True)

    def end(self):
        for pid in self.children:
            try:
                os.killpg(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        os._exit(0)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the lab decides when a run is over
    Worker(sys.argv[1]).loop()
