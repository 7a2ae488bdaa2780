"""A second verifier: docs/spec/audit-log.md and docs/spec/checkpoints.md, from the pages alone.

    verify.py LOG [--head SIZE:DIGEST] [--key KEY]... [--origin NAME] [--anchor FILE]...
    verify.py --requests        one JSON object a line: {"log", "head", "keys", "origin", "anchored"}
    verify.py --vectors FILE    runs vectors/audit-log.json

Prints one JSON object a log. Needs the package `cryptography`, for Ed25519.
"""
import argparse, base64, hashlib, json, os, re, sys, tempfile
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

MAX_LINE, MAX_UNSEALED, ZEROS = 1 << 20, 2000, bytes(32)
SMALL_ORDER = {bytes.fromhex(point) for point in (
    "00" * 32, "01" + "00" * 31, "ec" + "ff" * 30 + "7f", "ed" + "ff" * 30 + "7f", "ee" + "ff" * 30 + "7f",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")}
START = re.compile(rb'\{"v":1,"kind":"([a-z_]{1,32})","time":"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:'
                   rb'[0-9]{2}\.[0-9]{6}Z","durable":(0|[1-9][0-9]*)(?=,)')
END = re.compile(rb',"seq":(0|[1-9][0-9]*),"prev":"([0-9a-f]{64})"\}\Z')
STRING = r'"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*"'
SCALAR = re.compile(STRING + r"|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null")
KEY = re.compile("(" + STRING + "):")
LONE = re.compile(r"\\u[dD][89abAB]..(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB]..)\\u[dD][c-fC-F]")
HEXES = rb'\[((?:"[0-9a-f]{64}"(?:,"[0-9a-f]{64}")*)?)\]'
TEXT = STRING.encode()
NUMBER = rb"(0|[1-9][0-9]*)"
CHECKPOINT = re.compile(rb',"origin":(' + TEXT + rb'),"size":' + NUMBER + rb',"root":"([0-9a-f]{64})","peaks":' + HEXES + rb',"note":(' + TEXT + rb"),")
KEY_CHANGED = re.compile(rb',"origin":(' + TEXT + rb'),"from":(' + TEXT + rb'),"to":(' + TEXT + rb"),")
PRUNED = re.compile(rb',"until":' + NUMBER + rb',"digest":"([0-9a-f]{64})","peaks":' + HEXES + rb',"archive":"[0-9a-f]{64}","archive_bytes":' + NUMBER + rb",")
NAME = re.compile(r"[!-*,-~]{1,128}\Z")
NOTE_LINE = re.compile("\u2014 ([^ \n]+) ([A-Za-z0-9+/=]+)\n")


class Bad(Exception):
    """A line, note or key that is none."""


def need(truth):
    if not truth:
        raise Bad


def sha(data):
    return hashlib.sha256(data).digest()


def number(digits):
    need(int(digits) < 1 << 64)
    return int(digits)


def b64(text):
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise Bad from None
    need(base64.b64encode(data).decode() == text)  # padding, and bits that do not count
    return data


def check_json(text):
    """One object without white space, at most 96 deep, the outermost keys plain and different."""
    need(text.startswith("{"))
    # An escaped backslash is no start of an escape.
    need(not LONE.search(text.replace("\\\\", "  ")))
    at, stack, keys = 0, [], set()

    def key(at):
        found = KEY.match(text, at)
        need(found)
        if len(stack) == 1:
            word = found[1][1:-1]
            need(re.fullmatch(r"[a-z0-9_]{1,32}", word) and word not in keys and len(keys) < 64)
            keys.add(word)
        return found.end()

    while True:
        if text[at:at + 1] in ("{", "["):
            close = "}" if text[at] == "{" else "]"
            need(len(stack) < 96)
            stack.append(close)
            at += 1
            if text[at:at + 1] != close:
                at = key(at) if close == "}" else at
                continue
        else:
            found = SCALAR.match(text, at)
            need(found)
            at = found.end()
        while True:
            if not stack:
                need(at == len(text))
                return
            if text[at:at + 1] == ",":
                at = key(at + 1) if stack[-1] == "}" else at + 1
                break
            need(text[at:at + 1] == stack[-1])
            stack.pop()
            at += 1


def read_line(line):
    need(len(line) < MAX_LINE)
    try:
        check_json(line.decode())
    except UnicodeDecodeError:
        raise Bad from None
    start, end = START.match(line), END.search(line)
    need(start and end)
    durable, seq = number(start[2]), number(end[1])
    need(durable <= seq)
    return {"kind": start[1], "seq": seq, "prev": bytes.fromhex(end[2].decode()), "rest": line[start.end():],
            "digest": sha(b"\0" + line)}


class Tree:
    def __init__(self, size=0, peaks=()):
        need(bin(size).count("1") == len(peaks))
        self.size, self.peaks = size, list(peaks)

    def push(self, node):
        size = self.size
        while size & 1:
            node, size = sha(b"\1" + self.peaks.pop() + node), size >> 1
        self.peaks.append(node)
        self.size += 1

    def root(self):
        if not self.peaks:
            return sha(b"")
        root = self.peaks[-1]
        for peak in self.peaks[-2::-1]:
            root = sha(b"\1" + peak + root)
        return root


class Key:
    def __init__(self, text):
        self.text = text
        parts = text.split("+", 2)
        need(len(parts) == 3 and re.fullmatch("[0-9a-f]{8}", parts[1]))
        raw = b64(parts[2])
        need(raw and NAME.match(parts[0]) and raw[0] in (1, 4) and len(raw) == 33)
        self.name, self.id, self.algorithm, self.public = parts[0], bytes.fromhex(parts[1]), raw[0], raw[1:]
        need(raw[1:32] + bytes([raw[32] & 127]) not in SMALL_ORDER)
        need(sha(self.name.encode() + b"\n" + raw)[:4] == self.id)

    def signed(self, note):
        """Whether the first line of this key verifies."""
        for name, raw in note["signatures"]:
            if (name, raw[:4]) == (self.name, self.id):
                point = raw[4:35] + bytes([raw[35] & 127]) if len(raw) == 68 else ZEROS
                if self.algorithm != 1 or point in SMALL_ORDER:
                    return False
                try:
                    Ed25519PublicKey.from_public_bytes(self.public).verify(raw[4:], note["body"])
                except (InvalidSignature, ValueError):
                    return False
                return True
        return False


def read_note(text):
    need(len(text.encode()) <= 65536)
    lines = text.split("\n", 4)
    need(len(lines) == 5 and lines[3] == "" and NAME.match(lines[0]) and re.fullmatch("0|[1-9][0-9]*", lines[1]))
    root, signatures, at = b64(lines[2]), [], 0
    need(len(root) == 32)
    while at < len(lines[4]):
        found = NOTE_LINE.match(lines[4], at)
        need(found and NAME.match(found[1]))
        raw, at = b64(found[2]), found.end()
        need(len(raw) > 4)
        signatures.append((found[1], raw))
    need(1 <= len(signatures) <= 64)
    return {"origin": lines[0], "size": number(lines[1]), "root": root, "signatures": signatures,
            "body": "\n".join(lines[:3]).encode() + b"\n"}


def hexes(field):
    return [bytes.fromhex(word) for word in re.findall("[0-9a-f]{64}", field.decode())]


def read_pruned(record):
    found = PRUNED.match(record["rest"])
    need(found)
    number(found[3 + 1])
    until = number(found[1])
    need(0 < until <= record["seq"])
    return Tree(until, hexes(found[3])), bytes.fromhex(found[2].decode())


class Stop(Exception):
    """The first fault of the chain: the record, its place, and how many records are good."""
    def __init__(self, record, place, records, kind="broken"):
        self.record, self.place, self.records, self.kind = record, place, records, kind


class Verifier:
    def __init__(self, head, keys, origin, anchored):
        self.pin, self.keys, self.anchors = head, keys, sorted(anchored, key=lambda note: note["size"])
        self.origin, self.key = origin or (keys[0].name if keys else None), keys[0] if keys else None
        self.size, self.digest, self.tree, self.pruned = 0, ZEROS, Tree(), None
        self.next = self.sealed = self.doubt = self.last = self.suspect = None
        self.erasures, self.asked, self.pinned = 0, head is not None or bool(anchored), False

    def begin_at(self, first, pruned):
        """The first records were removed."""
        known = pruned[0].size == first
        self.size, self.pruned, self.tree = first, pruned, Tree(first, pruned[0].peaks) if known else None
        self.digest, self.key = pruned[1] if known else None, self.key if len(self.keys) < 2 else None
        self.anchors = [note for note in self.anchors if note["size"] >= first]
        self.asked = bool(self.anchors) or self.pin is not None and self.pin[0] >= first

    def doubts(self, record, place):
        self.doubt = self.doubt or (record, place)

    def check_origin(self, origin, place):
        if self.origin not in (None, origin):
            self.doubts(self.size, place)

    def signed(self, note):
        """Whether the key in force has signed; where that is open, this decides which it is."""
        self.key = self.key or next((key for key in self.keys if key.signed(note)), None)
        return self.key is not None and self.key.signed(note)

    def at_size(self, place, back):
        """Holds what was kept elsewhere about this size against the log."""
        record = max(self.size - 1, 0)
        if self.pin and self.pin[0] == self.size and self.digest is not None:
            self.pinned = self.pin[1] == self.digest
            if not self.pinned:
                raise Stop(record, place, self.size - back)
        while self.anchors and self.anchors[0]["size"] == self.size:
            note = self.anchors[0]
            if self.tree is not None:
                self.check_origin(note["origin"], place)
                if self.keys and not self.signed(note):
                    self.doubts(self.size, place)
                if note["root"] != self.tree.root():
                    raise Stop(record, place, self.size - back, "signed")
            self.anchors.pop(0)

    def line(self, line, place):
        if self.suspect:
            self.decide(END.search(line))
        try:
            record = read_line(line)
            need(record["seq"] == self.size)
        except Bad:
            raise Stop(self.size, place, self.size) from None
        if self.digest is None:
            self.digest = record["prev"]
            self.at_size(place, 0)
        if record["prev"] != self.digest:
            self.suspect = (record, place)
            return
        if self.pin and self.pin[0] == self.size + 1 and self.pin[1] != record["digest"]:
            raise Stop(self.size, place, self.size)
        try:
            self.statement(record, place)
        except Bad:
            raise Stop(self.size, place, self.size, "signed") from None
        self.last, self.size, self.digest = place, self.size + 1, record["digest"]
        if self.tree is not None:
            self.tree.push(self.digest)
        elif self.pruned[0].size == self.size:
            if self.pruned[1] != self.digest:
                raise Stop(self.size - 1, place, self.size - 1)
            self.tree = self.pruned[0]
        self.at_size(place, 1)

    def statement(self, record, place):
        kind, rest, seq, following, self.next = record["kind"], record["rest"], record["seq"], self.next, None
        self.erasures += kind == b"erased"
        if kind == b"pruned":
            read_pruned(record)
        elif kind == b"checkpoint":
            found = CHECKPOINT.match(rest)
            need(found)
            tree, note = Tree(number(found[2]), hexes(found[4])), read_note(json.loads(found[5]))
            need((json.loads(found[1]), tree.size, tree.root()) == (note["origin"], note["size"], note["root"]))
            need(tree.size == seq and tree.root().hex() == found[3].decode())
            need(self.tree is None or self.tree.peaks == tree.peaks)
            self.check_origin(note["origin"], place)
            if self.keys and not self.signed(note):
                self.doubts(seq, place)
            elif self.keys:
                self.sealed, self.key = seq, following if following and following.signed(note) else self.key
        elif kind == b"key_changed":
            found = KEY_CHANGED.match(rest)
            need(found)
            origin, old, new = (json.loads(field) for field in found.groups())
            self.check_origin(origin, place)
            self.key = self.key or next((key for key in self.keys if key.text == old), None)
            if self.key and self.key.text == old:
                try:
                    self.next = Key(new)
                    need(self.next.name == origin)
                except Bad:
                    self.next = self.doubts(seq, place)

    def decide(self, following):
        """Which of two records was changed: the one behind them tells, or a head."""
        (record, place), says = self.suspect, following and (int(following[1]), bytes.fromhex(following[2].decode()))
        self.suspect, behind = None, (self.size + 1, record["digest"])
        first = self.pin == (self.size, self.digest) or self.last is None
        if first or says and says != behind and self.pin != behind:
            raise Stop(self.size, place, self.size)
        raise Stop(self.size - 1, self.last, self.size - 1)

    def read(self, files):
        """Files are pairs of the number in the name, or None, and a path."""
        self.at_size((None, 0), 0)
        place = (None, 0)
        for index, (first, path) in enumerate(files):
            with open(path, "rb") as file:
                data = file.read()
            if not self.suspect and first not in (None, self.size):
                raise Stop(self.size, (path, 0), self.size)
            at, end = 0, len(data.rstrip(b"\0"))
            while at < end:
                stop = data.find(b"\n", at, at + MAX_LINE)
                if stop < 0:
                    if self.suspect:
                        break
                    torn = len(data) - at < MAX_LINE or not data[at:at + MAX_LINE].strip(b"\0")
                    torn = torn or end <= at + MAX_LINE
                    kind = "torn" if torn and index + 1 == len(files) else "broken"
                    raise Stop(self.size, (path, at), self.size, kind)
                self.line(data[at:stop], (path, at))
                at = stop + 1
            place = (path, len(data))
            if self.suspect and at < end:
                break
        if self.suspect:
            self.decide(None)
        return place

    def report(self, files):
        stop, place = None, None
        try:
            place = self.read(files)
        except Stop as fault:
            stop, place, self.size = fault, fault.place, fault.records
        fault = (stop.record, stop.place) if stop else None
        integrity = "broken" if stop and stop.kind == "signed" else stop.kind if stop else "ok" if self.size else "empty"
        missing = [note["size"] for note in self.anchors]
        if self.pin and not self.pinned and (not self.pruned or self.asked):
            missing.append(self.pin[0])
        completeness = "not_checked" if not self.asked or missing and integrity == "broken" else "short" if missing else "ok"
        fault = fault or ((self.size, place) if completeness == "short" else None)
        if integrity == "broken" and not self.doubt:
            authenticity = "failed" if self.keys and stop.kind == "signed" else "not_checked"
        else:
            if self.keys and (self.sealed is None or self.size - self.sealed - 1 > MAX_UNSEALED):
                self.doubts(self.size, place)
            authenticity = "failed" if self.doubt else "ok" if self.keys else "not_checked"
        fault = self.doubt or fault
        return {"records": self.size, "integrity": integrity, "completeness": completeness, "authenticity": authenticity,
                "erasures": self.erasures, "first_fault": fault and {
                    "record": fault[0], "segment": fault[1][0] and os.path.basename(fault[1][0]), "offset": fault[1][1]}}


def verify(log, head=None, keys=(), origin=None, anchored=()):
    head = head and (int(head.split(":")[0]), bytes.fromhex(head.split(":")[1]))
    verifier = Verifier(head, [Key(key) for key in keys], origin, [read_note(note) for note in anchored])
    if os.path.isfile(log):
        return verifier.report([(None, log)])
    names = sorted(name for name in os.listdir(log) if name[0].isdigit())
    strange = [name for name in names if not re.fullmatch(r"[0-9]{20}\.jsonl", name) or int(name[:20]) >> 64]
    if strange:
        verifier.read = lambda files: (_ for _ in ()).throw(Stop(0, (os.path.join(log, strange[0]), 0), 0))
        return verifier.report([])
    files = [(int(name[:20]), os.path.join(log, name)) for name in names]
    if files and files[0][0] > 0:
        pruned = confirmation(files)
        if pruned:
            verifier.begin_at(files[0][0], pruned)
    return verifier.report(files)


def confirmation(files):
    for _, path in files:
        for line in open(path, "rb").read().split(b"\n")[:-1]:
            if line.startswith(b'{"v":1,"kind":"pruned"'):
                try:
                    pruned = read_pruned(read_line(line))
                except Bad:
                    continue
                if pruned[0].size >= files[0][0]:
                    return pruned
    return None


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    for flag in ("--head", "--origin", "--vectors"):
        parser.add_argument(flag)
    parser.add_argument("--key", action="append", default=[])
    parser.add_argument("--anchor", action="append", default=[])
    parser.add_argument("--requests", action="store_true")
    parser.add_argument("log", nargs="?")
    asked = parser.parse_args()
    if asked.vectors:
        wrong, cases = [], json.load(open(asked.vectors))["cases"]
        for case in cases:
            with tempfile.TemporaryDirectory() as folder:
                for file in case["files"]:
                    open(os.path.join(folder, file["name"]), "w", newline="").write(file["text"])
                more = (case.get(key) or empty for key, empty in (("keys", ()), ("origin", None), ("anchored", ())))
                if verify(folder, case["head"], *more) != case["report"]:
                    wrong.append(case["name"])
        print(f"{len(cases) - len(wrong)} of {len(cases)} vectors agree", *wrong)
        sys.exit(bool(wrong))
    if asked.requests:
        for request in sys.stdin:
            print(json.dumps(verify(**json.loads(request))), flush=True)
        return
    anchored = [open(path).read() for path in asked.anchor]
    print(json.dumps(verify(asked.log, asked.head, asked.key, asked.origin, anchored)))


main()
