"""A server of one of Cooper's contracts on standard input and output: see docs/protocols/README.md."""
import struct
import sys
import threading

from messagepack import pack, unpack

MAX_FRAME = 16 * 1024 * 1024


class Refusal(Exception):
    """An error that the caller is answered with."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


class Call:
    """One request under way: who answers it can send items, and can ask whether it was cancelled."""

    def __init__(self, channel, number):
        self._channel, self._number = channel, number
        self._credit = threading.Semaphore(64)
        self.cancelled = threading.Event()

    def send(self, item):
        """Sends an item, once the caller has credit for it."""
        while not self._credit.acquire(timeout=0.2):
            if self.cancelled.is_set():
                return
        self._channel.write([2, "$/item", {"id": self._number, "item": item}])

    def grant(self, count):
        for _ in range(min(count, 1_000_000)):
            self._credit.release()


class Channel:
    """Serves `handlers`, a function (params, call) for each call of a contract, until standard input ends."""

    def __init__(self, contract, version, server, handlers):
        self._contract, self._version, self._server = contract, version, server
        self._handlers, self._calls = handlers, {}
        self._greeted = False
        self._lock = threading.Lock()

    def serve(self):
        try:
            while (message := self._read()) is not None:
                self._receive(message)
        except ValueError as error:
            # Who breaks the rules of framing is cut off.
            print(f"{self._server}: {error}", file=sys.stderr)
        for call in list(self._calls.values()):
            call.cancelled.set()

    def write(self, message):
        data = pack(message)
        with self._lock:
            sys.stdout.buffer.write(struct.pack(">I", len(data)) + data)
            sys.stdout.buffer.flush()

    def _read(self):
        head = sys.stdin.buffer.read(4)
        if len(head) < 4:
            return None
        (length,) = struct.unpack(">I", head)
        if length > MAX_FRAME:
            raise ValueError(f"a frame of {length} bytes")
        return unpack(sys.stdin.buffer.read(length))

    def _receive(self, message):
        if not isinstance(message, list) or not message:
            raise ValueError("not a message")
        if message[0] == 0 and len(message) == 4:
            self._request(*message[1:])
        elif message[0] == 2 and len(message) == 3:
            self._notice(*message[1:])
        else:
            raise ValueError("not a request or notification")

    def _request(self, number, method, params):
        if method == "initialize":
            self._greet(number, params)
            return
        call = self._calls[number] = Call(self, number)
        threading.Thread(target=self._answer, args=(number, method, params, call), daemon=True).start()

    def _greet(self, number, params):
        if params.get("contract") != self._contract or params.get("version") != self._version:
            text = f"this is {self._contract} {self._version}"
            self.write([1, number, {"code": "contract-mismatch", "message": text, "data": {}}, None])
            raise ValueError(text)
        self._greeted = True
        answer = {"contract": self._contract, "version": self._version, "features": [], "server": self._server}
        self.write([1, number, None, answer])

    def _answer(self, number, method, params, call):
        try:
            if not self._greeted or method not in self._handlers:
                raise Refusal("invalid-request", f"there is no call `{method}' now")
            error, result = None, self._handlers[method](params, call)
        except Refusal as refusal:
            error, result = {"code": refusal.code, "message": str(refusal), "data": {}}, None
        except Exception as bug:  # The caller is told, and the channel goes on.
            print(f"{self._server}: {method}: {bug!r}", file=sys.stderr)
            error, result = {"code": "internal-error", "message": f"{method} failed", "data": {}}, None
        del self._calls[number]
        self.write([1, number, error, result])

    def _notice(self, method, params):
        call = self._calls.get(params.get("id"))
        if call is not None and method == "$/cancel":
            call.cancelled.set()
        elif call is not None and method == "$/credit":
            call.grant(params.get("n", 0))


def field(params, name, kind):
    """The field `name` of `params`, which must be a `kind`."""
    if name not in params:
        raise Refusal("invalid-request", f"params.{name} is missing")
    if not isinstance(params[name], kind):
        raise Refusal("invalid-request", f"params.{name} is not a {kind.__name__}")
    return params[name]
