"""A Coscribe client in Python: one document over python-socketio, written from docs/PROTOCOL.md.

    python3 client.py http://127.0.0.1:8080 acme/notes

It takes one JSON array a line, ["insert", index, text], ["delete", index, length] or ["quit"], and prints the text and
what is not saved whenever something changes: {"text": "…", "unsaved": 0, "seq": 7}.
"""

import json
import os
import queue
import random
import sys
import threading
import time
import uuid

import socketio

from text import Reader, Text


class Document:
    def __init__(self, url, name, shown):
        self.url, self.namespace, self.shown = url, f"/docs/{name}", shown
        self.text = Text(random.getrandbits(32))
        self.key = str(uuid.uuid4())  # of this clientID; never kept for another run
        self.generation, self.seq, self.ahead = None, 0, set()
        self.live, self.unsaved = False, []
        self.work = queue.Queue()  # everything happens in one thread, one after the other
        self.io = None
        threading.Thread(target=self._run, daemon=True).start()
        self._connect()

    def insert(self, index, words):
        self.work.put(lambda: self._wrote(self.text.insert(index, words)))

    def delete(self, index, length):
        self.work.put(lambda: self._wrote(self.text.delete(index, length)))

    def _run(self):
        while True:
            self.work.get()()
            self.shown(str(self.text), len(self.unsaved), self.seq)

    def _wrote(self, update):
        self.unsaved.append(update)
        if len(self.unsaved) == 1:
            self._send()

    def _connect(self):
        io = self.io = socketio.Client(reconnection=False)
        later = lambda do: lambda *message: self.work.put(lambda: io is self.io and do(*message))
        on = lambda event, do: io.on(event, later(do), namespace=self.namespace)
        on("connect", self._join)
        on("connect_error", lambda refusal=None: self._lost())
        on("disconnect", self._lost)
        on("updates", self._frame)
        on("resync", lambda reason: self._join())
        on("bye", lambda reason, after: self._lost(after / 1000))
        try:
            # Nobody says that a connection ended before the namespace was there: after so many seconds it is given up.
            io.connect(self.url, namespaces=[self.namespace], auth={"protocol": 1}, wait_timeout=5)
        except socketio.exceptions.ConnectionError:
            later(self._lost)()

    def _lost(self, after=0.2):
        self.live = False
        self.io.disconnect()
        if after >= 0:
            time.sleep(after)
            self._connect()

    def _join(self):
        self.live = False
        request = {"clientId": self.text.client, "clientKey": self.key}
        if self.generation is not None:
            request.update(generation=self.generation, seq=self.seq)
        self._ask("join", request, then=self._joined)

    def _joined(self, answer):
        if not answer["ok"]:
            self._lost(1 if answer["error"]["retryable"] else -1)
            return
        for update in Reader(answer["content"]).updates():
            self.text.apply(update)
        self.generation, self.live = answer["generation"], True
        self._reached(max(self.seq, answer["head"]))
        self._send()

    def _send(self):
        if self.live and self.unsaved:
            self._ask("update", self.unsaved[0], "live", then=self._answered)

    def _answered(self, answer):
        if answer["ok"]:
            self.unsaved.pop(0)
            self.ahead.add(answer["seq"])
            self._reached(self.seq)
            self._send()
        elif answer["error"]["retryable"]:
            self._join()
        else:
            print(answer["error"]["message"], file=sys.stderr, flush=True)
            os._exit(1)  # this edit will never be saved, and the copy is no longer the document

    def _frame(self, data):
        frame = Reader(data)
        first, updates = frame.uint(), frame.updates()
        if not self.live:
            return
        if first > self.seq + 1:
            self._join()  # something was missed
            return
        for update in updates:
            self.text.apply(update)
        self._reached(max(self.seq, first + len(updates) - 1))

    def _reached(self, seq):
        """Everything up to `seq` is here, and what was answered before its turn."""
        while seq + 1 in self.ahead:
            seq += 1
        self.seq, self.ahead = seq, {n for n in self.ahead if n > seq}

    def _ask(self, event, *message, then):
        io = self.io
        answered = lambda answer: self.work.put(lambda: io is self.io and then(answer))
        try:
            io.emit(event, message, namespace=self.namespace, callback=answered)
        except socketio.exceptions.SocketIOError:
            pass  # the connection is gone, and `disconnect` comes


def show(text, unsaved, seq):
    print(json.dumps({"text": text, "unsaved": unsaved, "seq": seq}), flush=True)


if __name__ == "__main__":
    document = Document(sys.argv[1], sys.argv[2], show)
    for line in sys.stdin:
        command, *arguments = json.loads(line)
        if command == "quit":
            break
        getattr(document, command)(*arguments)
