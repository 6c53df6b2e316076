"""The text of a Yjs document, without Yjs: reads and writes updates as docs/PROTOCOL.md describes them.

Every unit of UTF-16 is an item of its own here, which is slow for long texts and short to read.
"""


class Item:
    def __init__(self, client, clock, origin, right_origin, unit, deleted=False):
        self.id, self.origin, self.right_origin = (client, clock), origin, right_origin
        self.unit, self.deleted = unit, deleted


class Text:
    def __init__(self, client, root="text"):
        self.client, self.root = client, root
        self.items = []  # in the order of the text, deleted ones too
        self.clocks = {}  # of each client, how many units are here

    def __str__(self):
        return b"".join(i.unit for i in self.items if not i.deleted).decode("utf-16-le", "replace")

    def insert(self, index, words):
        """Inserts before the unit at `index`, and gives the update that tells the others."""
        at = self._place(index)
        left = self.items[at - 1].id if at > 0 else None
        right = self.items[at].id if at < len(self.items) else None
        clock = self.clocks.get(self.client, 0)
        self._add_all(self.client, clock, left, right, words)
        out = Writer().uint(1).uint(1).uint(self.client).uint(clock)
        out.bytes.append(4 | (0x80 if left else 0) | (0x40 if right else 0))
        for neighbour in (left, right):
            if neighbour:
                out.uint(neighbour[0]).uint(neighbour[1])
        if not left and not right:
            out.uint(1).text(self.root)
        return bytes(out.text(words).uint(0).bytes)

    def delete(self, index, length):
        """Deletes units, and gives the update."""
        gone = [i for i in self.items if not i.deleted][index : index + length]
        for item in gone:
            item.deleted = True
        out = Writer().uint(0)
        clients = sorted({i.id[0] for i in gone}, reverse=True)
        out.uint(len(clients))
        for client in clients:
            runs = []
            for clock in sorted(i.id[1] for i in gone if i.id[0] == client):
                if runs and sum(runs[-1]) == clock:
                    runs[-1][1] += 1
                else:
                    runs.append([clock, 1])
            out.uint(client).uint(len(runs))
            for clock, count in runs:
                out.uint(clock).uint(count)
        return bytes(out.bytes)

    def apply(self, update):
        """Takes an update that the server has sent. What is known already changes nothing."""
        given = Reader(update)
        waiting = []
        for _ in range(given.uint()):
            structs, client, clock = given.uint(), given.uint(), given.uint()
            for _ in range(structs):
                clock = self._read_struct(given, client, clock, waiting)
        # Updates may bring an item before the one that it stands beside.
        while waiting:
            ready = [w for w in waiting if self._knows(w)]
            for client, clock, origin, right, words, lost in ready:
                self._add_all(client, clock, origin, right, words, lost)
            waiting = [w for w in waiting if w not in ready]
        for _ in range(given.uint()):
            client = given.uint()
            for _ in range(given.uint()):
                first, count = given.uint(), given.uint()
                for item in self.items:
                    if item.id[0] == client and first <= item.id[1] < first + count:
                        item.deleted = True

    def _read_struct(self, given, client, clock, waiting):
        (info,) = given.take(1)
        kind = info & 0x1F
        origin = (given.uint(), given.uint()) if info & 0x80 else None
        right = (given.uint(), given.uint()) if info & 0x40 else None
        if kind and not origin and not right and (given.uint() != 1 or given.text() != self.root):
            raise ValueError("this client knows the text of the document only")
        if kind == 4:
            words, lost = given.text(), False
        elif kind == 1:
            words, lost = "\0" * given.uint(), True
        else:
            raise ValueError(f"this client knows text only, and this is of kind {kind}")
        waiting.append((client, clock, origin, right, words, lost))
        return clock + len(words.encode("utf-16-le")) // 2

    def _knows(self, struct):
        client, clock, origin, right, _, _ = struct
        before = clock <= self.clocks.get(client, 0)
        return before and all(n is None or n[1] < self.clocks.get(n[0], 0) for n in (origin, right))

    def _add_all(self, client, clock, origin, right, words, deleted=False):
        units = words.encode("utf-16-le")
        for at in range(0, len(units), 2):
            if clock == self.clocks.get(client, 0):
                self._integrate(Item(client, clock, origin, right, units[at : at + 2], deleted))
                self.clocks[client] = clock + 1
            origin, clock = (client, clock), clock + 1

    def _integrate(self, item):
        """Where people have written at one place at once, all copies must choose the same order (YATA, as in Yjs)."""
        left, end = self._index(item.origin, -1), self._index(item.right_origin, len(self.items))
        before, rivals = set(), set()
        for at in range(left + 1, end):
            other = self.items[at]
            before.add(other.id)
            rivals.add(other.id)
            if other.origin == item.origin:
                if other.id[0] < item.id[0]:
                    left, rivals = at, set()
                elif other.right_origin == item.right_origin:
                    break
            elif other.origin in before:
                if other.origin not in rivals:
                    left, rivals = at, set()
            else:
                break
        self.items.insert(left + 1, item)

    def _index(self, wanted, otherwise):
        return otherwise if wanted is None else next(n for n, i in enumerate(self.items) if i.id == wanted)

    def _place(self, index):
        for at, item in enumerate(self.items):
            if index == 0:
                return at
            index -= 0 if item.deleted else 1
        return len(self.items)


class Writer:
    def __init__(self):
        self.bytes = bytearray()

    def uint(self, number):
        while number > 0x7F:
            self.bytes.append(number & 0x7F | 0x80)
            number >>= 7
        self.bytes.append(number)
        return self

    def text(self, words):
        encoded = words.encode()
        self.uint(len(encoded)).bytes.extend(encoded)
        return self


class Reader:
    def __init__(self, data):
        self.data, self.at = bytes(data), 0

    def uint(self):
        number = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return number

    def take(self, length):
        self.at += length
        return self.data[self.at - length : self.at]

    def text(self):
        return self.take(self.uint()).decode()

    def updates(self):
        return [self.take(self.uint()) for _ in range(self.uint())]
