"""A proxy between a program and a store that counts what passes and does to it what networks do.

It sits on loopback, passes bytes on, and knows of HTTP only where a request begins, so that each
request can meet a fault of its own.
"""

import random
import re
import socket
import struct
import threading
import time

REQUEST = re.compile(rb"^(GET|PUT|POST|HEAD|DELETE) (\S+) HTTP/1\.1\r\n")
BUSY = (b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 0\r\n"
        b"Connection: close\r\n\r\n")


class Fault:
    """What befalls a request: 'busy' (503), or after `after` bytes of its answer 'cut' or 'reset'."""

    def __init__(self, kind, after=0):
        self.kind, self.after = kind, after


class FaultProxy:
    """Passes 127.0.0.1:`port` on to 127.0.0.1:`target`.

    choose(method, path) -> Fault or None decides what befalls each request; `pace` bounds the bytes
    a second of each connection's answers.
    """

    def __init__(self, target, choose=None, pace=None):
        self.target, self.choose, self.pace = target, choose, pace
        self.lock = threading.Lock()
        self.requests, self.sent, self.received, self.faults = 0, 0, 0, 0
        self.listener = None
        self.connections = set()
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.come_back()

    # -- the store's comings and goings -----------------------------------------------------------

    def come_back(self):
        self.listener = socket.create_server(("127.0.0.1", self.port), backlog=64)
        threading.Thread(target=self._listen, args=(self.listener,), daemon=True).start()

    def go_away(self):
        """From now on connections are refused, and those that are open break."""
        listener, self.listener = self.listener, None
        if listener:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        with self.lock:
            open_ones = list(self.connections)
        for one in open_ones:
            _reset(one)

    def be_away(self, seconds):
        """Goes away at once and comes back by itself."""
        self.go_away()
        threading.Timer(seconds, self.come_back).start()

    stop = go_away

    # -- passing on -------------------------------------------------------------------------------

    def _listen(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client):
        try:
            server = socket.create_connection(("127.0.0.1", self.target))
        except OSError:
            _reset(client)
            return
        pair = _Pair(client, server)
        with self.lock:
            self.connections.update((client, server))
        answers = threading.Thread(target=self._answers, args=(pair,), daemon=True)
        answers.start()
        try:
            while data := client.recv(1 << 16):
                begins = REQUEST.match(data)
                if begins:
                    fault = self._fault_for(begins[1].decode(), begins[2].decode())
                    pair.meet(fault)
                    if fault and fault.kind == "busy":
                        client.sendall(BUSY)
                        break
                with self.lock:
                    self.sent += len(data)
                server.sendall(data)
        except OSError:
            pass
        pair.end()
        answers.join()
        with self.lock:
            self.connections.difference_update((client, server))

    def _fault_for(self, method, path):
        with self.lock:
            self.requests += 1
            fault = self.choose(method, path) if self.choose else None
            self.faults += fault is not None
        return fault

    def _answers(self, pair):
        try:
            while data := pair.server.recv(1 << 16):
                data, broken = pair.until_fault(data)
                with self.lock:
                    self.received += len(data)
                pair.client.sendall(data)
                if self.pace:
                    time.sleep(len(data) / self.pace)
                if broken:
                    if broken == "reset":
                        _reset(pair.client)
                    break
        except OSError:
            pass
        pair.end()


class _Pair:
    """Both ends of a connection, and the fault that its present request meets."""

    def __init__(self, client, server):
        self.client, self.server = client, server
        self.lock = threading.Lock()
        self.fault, self.passed = None, 0

    def meet(self, fault):
        with self.lock:
            self.fault, self.passed = fault, 0

    def until_fault(self, data):
        with self.lock:
            if self.fault and self.passed + len(data) > self.fault.after:
                return data[:max(0, self.fault.after - self.passed)], self.fault.kind
            self.passed += len(data)
            return data, None

    def end(self):
        for one in (self.client, self.server):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            one.close()


def _reset(connection):
    """Ends a connection as a machine that went away does: with a reset."""
    try:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RDWR)
        connection.close()
    except OSError:
        pass


def now_and_then(seed, share, most=200_000):
    """A chooser: of all requests, a share meets a fault of some kind."""
    chance = random.Random(seed)

    def choose(_method, _path):
        if chance.random() >= share:
            return None
        return Fault(chance.choice(("busy", "cut", "reset")), chance.randrange(0, most))
    return choose
