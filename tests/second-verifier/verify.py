"""A second verifier, made from docs/spec/audit-log.md and docs/spec/checkpoints.md alone.

Reads one JSON object a line, {"log": PATH, "head": "SIZE:DIGEST", "keys": [KEY], "origin": NAME, "anchored": [NOTE]}, of
which only the first is needed, and answers each with one. Needs the package `cryptography`, for Ed25519."""
import base64, functools, hashlib, json, os, re, sys
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

MAX_LINE, MAX_UNSEALED, ZEROS = 1 << 20, 2000, bytes(32)
TIME = "dddd-dd-ddTdd:dd:dd[.]ddddddZ".replace("d", "[0-9]")
START = re.compile((r'\{"v":1,"kind":"([a-z_]{1,32})","time":"' + TIME + r'","durable":(0|[1-9][0-9]*)(?=,)').encode())
END = re.compile(rb',"seq":(0|[1-9][0-9]*),"prev":"([0-9a-f]{64})"\}\Z')
STRING = r'"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*"'
SCALAR = re.compile(STRING + r"|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null")
KEY = re.compile("(" + STRING + "):")
LONE = re.compile(r"\\u[dD][89abAB]..(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB]..)\\u[dD][c-fC-F]")
FORMS = {"T": "(" + STRING + ")", "N": "(0|[1-9][0-9]*)", "H": '"([0-9a-f]{64})"',
         "P": r'\[((?:"[0-9a-f]{64}"(?:,"[0-9a-f]{64}")*)?)\]'}
def form(keys): return re.compile(("".join(f',"{key[1:]}":{FORMS[key[0]]}' for key in keys.split()) + ",").encode())
CHECKPOINT, KEY_CHANGED = form("Torigin Nsize Hroot Ppeaks Tnote"), form("Torigin Tfrom Tto")
PRUNED = form("Nuntil Hdigest Ppeaks Harchive Narchive_bytes")
NAME = re.compile(r"[!-*,-~]{1,128}\Z")
NOTE_LINE = re.compile("\u2014 ([^ \n]+) ([A-Za-z0-9+/=]+)\n")
# Points of small order, without their sign: for such a key anybody signs.
SMALL_ORDER = [y.to_bytes(32, "little") for y in (0, 1, 2**255 - 20, 2**255 - 19, 2**255 - 18,
    0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826, 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7)]
class Stop(Exception): """The first fault of the chain: record, place, how many records are good, kind."""
def need(value): return value or (_ for _ in ()).throw(ValueError("no line, note or key"))
def sha(data): return hashlib.sha256(data).digest()
def number(digits): return need(int(digits) < 1 << 64) and int(digits)
def b64(text):
    data = base64.b64decode(text, validate=True)
    return need(base64.b64encode(data).decode() == text) and data  # bits that do not count, too
def check_json(text):
    """One object without white space, at most 96 deep, the outermost keys plain and different."""
    # An escaped backslash begins no other escape.
    need(text.startswith("{") and not LONE.search(text.replace("\\\\", "  ")))
    at, stack, keys = 0, [], []
    def key(at):
        found = need(KEY.match(text, at))
        if len(stack) == 1:
            keys.append(need(re.fullmatch(r'"[a-z0-9_]{1,32}"', found[1]) and found[1] not in keys and len(keys) < 64) and found[1])
        return found.end()
    while True:
        if text[at:at + 1] in ("{", "["):
            stack.append(need(len(stack) < 96) and ("}" if text[at] == "{" else "]"))
            at += 1
            if text[at:at + 1] != stack[-1]:
                at = key(at) if stack[-1] == "}" else at
                continue
        else:
            at = need(SCALAR.match(text, at)).end()
        while text[at:at + 1] == stack[-1]:
            at, _ = at + 1, stack.pop()
            if not stack:
                return need(at == len(text))
        need(text[at:at + 1] == ",")
        at = key(at + 1) if stack[-1] == "}" else at + 1
def read_line(line):
    """Kind, what follows `durable`, sequence number, predecessor, digest."""
    check_json(need(len(line) < MAX_LINE) and line.decode())
    start, end = need(START.match(line)), need(END.search(line))
    need(number(start[2]) <= number(end[1]))
    return start[1], line[start.end():], number(end[1]), bytes.fromhex(end[2].decode()), sha(b"\0" + line)
class Tree:
    def __init__(self, size=0, peaks=b""):
        self.size, self.peaks = size, [bytes.fromhex(peak) for peak in re.findall("[0-9a-f]{64}", peaks.decode())]
        need(bin(size).count("1") == len(self.peaks))
    def push(self, node):
        for _ in range((~self.size & self.size + 1).bit_length() - 1):
            node = sha(b"\1" + self.peaks.pop() + node)
        self.size, self.peaks = self.size + 1, self.peaks + [node]
    def root(self):
        above = lambda root, peak: sha(b"\1" + peak + root)
        return functools.reduce(above, self.peaks[::-1]) if self.peaks else sha(b"")
class Key:
    def __init__(self, text):
        self.text = text
        found = need(re.fullmatch(r"([!-*,-~]{1,128})\+([0-9a-f]{8})\+(.+)", text))
        raw = b64(found[3])
        self.name, self.id, self.raw = found[1], bytes.fromhex(found[2]), raw
        need(len(raw) == 33 and raw[0] in (1, 4) and raw[1:32] + bytes([raw[32] & 127]) not in SMALL_ORDER)
        need(sha(self.name.encode() + b"\n" + raw)[:4] == self.id)
    def signed(self, note):
        """Whether the first line of this key verifies."""
        raw = next((raw for name, raw in note["lines"] if (name, raw[:4]) == (self.name, self.id)), b"")
        try:
            need(self.raw[0] == 1 and len(raw) == 68 and raw[4:35] + bytes([raw[35] & 127]) not in SMALL_ORDER)
            return Ed25519PublicKey.from_public_bytes(self.raw[1:]).verify(raw[4:], note["body"]) is None
        except (InvalidSignature, ValueError): return False
def read_note(text):
    lines, signatures, at = text.split("\n", 4), [], 0
    need(len(text.encode()) <= 65536 and len(lines) == 5 and NAME.match(lines[0]) and lines[3] == "")
    size, root = number(need(re.fullmatch("0|[1-9][0-9]*", lines[1]))[0]), b64(lines[2])
    while at < len(lines[4]):
        found = need(NOTE_LINE.match(lines[4], at))
        at, _ = found.end(), signatures.append((need(NAME.match(found[1]))[0], b64(found[2])))
    need(len(root) == 32 and 1 <= len(signatures) <= 64 and all(len(raw) > 4 for _, raw in signatures))
    return {"says": (lines[0], size, root), "size": size, "lines": signatures, "body": "\n".join([*lines[:3], ""]).encode()}
def read_pruned(rest, seq):
    found = need(PRUNED.match(rest))
    need(0 < number(found[1]) <= seq and number(found[5]) >= 0)
    return Tree(number(found[1]), found[3]), bytes.fromhex(found[2].decode())
class Verifier:
    def __init__(self, head, keys, origin, anchored):
        self.pin, self.keys, self.anchors = head, keys, sorted(anchored, key=lambda note: note["size"])
        self.origin, self.key = origin or (keys[0].name if keys else None), keys[0] if keys else None
        self.size, self.digest, self.tree, self.pruned, self.erasures = 0, ZEROS, Tree(), None, 0
        self.next = self.sealed = self.doubt = self.last = self.suspect = None
        self.pinned, self.asked, self.calls = False, bool(head or anchored), set()
    def begin_at(self, first, pruned):
        """The records before `first` were removed."""
        need(pruned[0].size >= first)
        self.size, self.pruned = first, pruned
        self.tree, self.digest = pruned if pruned[0].size == first else (None, None)
        self.key = self.key if len(self.keys) < 2 else None
        self.anchors = [note for note in self.anchors if note["size"] >= first]
        self.asked = bool(self.anchors) or self.pin is not None and self.pin[0] >= first
    def stop(self, place, back=0, kind="broken"): raise Stop(self.size - back, place, self.size - back, kind)
    def doubts(self, place): self.doubt = self.doubt or (self.size, place)
    def check_origin(self, origin, place): return self.origin in (None, origin) or self.doubts(place)
    def check_signer(self, note, place):
        """Whether the key in force has signed; where that is open, this decides which it is."""
        self.check_origin(note["says"][0], place)
        self.key = self.key or next((key for key in self.keys if key.signed(note)), None)
        return bool(self.keys) and (self.key is not None and self.key.signed(note) or self.doubts(place))
    def at_size(self, place, back):
        """Holds what was kept elsewhere about this size against the log."""
        fault = (max(self.size - 1, 0), place, self.size - back)
        if self.pin and self.pin[0] == self.size and self.digest is not None:
            if self.pin[1] != self.digest:
                raise Stop(*fault, "broken")
            self.pinned = True
        while self.anchors and self.anchors[0]["size"] == self.size:
            if self.tree is not None:
                self.check_signer(self.anchors[0], place)
                if self.anchors[0]["says"][2] != self.tree.root():
                    raise Stop(*fault, "signed")
            self.anchors.pop(0)
    def line(self, line, place):
        self.decide(END.search(line))
        try:
            kind, rest, seq, prev, digest = read_line(line)
            need(seq == self.size)
        except ValueError: self.stop(place)
        if self.digest is None:
            self.digest = prev
            self.at_size(place, 0)
        if prev != self.digest:
            self.suspect = (digest, place)
            return
        if self.pin and self.pin[0] == self.size + 1 and self.pin[1] != digest: self.stop(place)
        try:
            self.statement(kind, rest, place)
        except ValueError: self.stop(place, kind="signed")
        self.last, self.size, self.digest = place, self.size + 1, digest
        if self.tree is not None:
            self.tree.push(digest)
        elif self.pruned[0].size == self.size:
            self.tree = self.pruned[0] if self.pruned[1] == digest else self.stop(place, 1)
        self.at_size(place, 1)
    def statement(self, kind, rest, place):
        """What a record says about the log itself, and about calls."""
        following, self.next, self.erasures = self.next, None, self.erasures + (kind == b"erased")
        says = json.loads(b"{" + rest[1:], parse_int=lambda digits: ("number", digits))
        if kind == b"decision" and (says.get("decision") == "allow" or says.get("observed") is True and says.get("decision") in ("ask", "deny")): self.calls.add(("number", str(self.size)))
        self.calls -= {says.get("decision_seq")} if kind in (b"outcome", b"not_begun", b"abandoned") else set()
        if kind == b"pruned":
            read_pruned(rest, self.size)
        elif kind == b"checkpoint":
            origin, size, root, peaks, note = need(CHECKPOINT.match(rest)).groups()
            tree, note = Tree(number(size), peaks), read_note(json.loads(note))
            need((json.loads(origin), tree.size, tree.root()) == note["says"] and tree.root().hex() == root.decode())
            need(tree.size == self.size and (self.tree is None or self.tree.peaks == tree.peaks))
            if self.check_signer(note, place):
                self.sealed, self.key = self.size, following if following and following.signed(note) else self.key
        elif kind == b"key_changed":
            origin, old, new = (json.loads(field) for field in need(KEY_CHANGED.match(rest)).groups())
            self.check_origin(origin, place)
            self.key = self.key or next((key for key in self.keys if key.text == old), None)
            if self.key and self.key.text == old:
                try:
                    self.next = need(Key(new).name == origin) and Key(new)
                except ValueError: self.doubts(place)
    def decide(self, following):
        """Where one does not follow, which of two records was changed: the one behind them tells, or a head."""
        if not self.suspect: return
        (digest, place), says = self.suspect, following and (int(following[1]), bytes.fromhex(following[2].decode()))
        good, self.suspect = (self.size + 1, digest) in (says, self.pin), None
        if self.last is None or self.pin == (self.size, self.digest) or says and not good:
            self.stop(place)
        self.stop(self.last, 1)
    def read(self, files):
        """Files are pairs of the number in the name, or None, and a path; returns where the log ends."""
        place = (None, 0)
        self.at_size(place, 0)
        for index, (first, path) in enumerate(files):
            data, at = open(path, "rb").read(), 0
            if not self.suspect and first not in (None, self.size):
                self.stop((path, 0))
            end, place = len(data.rstrip(b"\0")), (path, len(data))
            while at < end:
                stop = data.find(b"\n", at, at + MAX_LINE)
                if stop < 0:
                    self.decide(None)
                    self.stop((path, at), kind="torn" if end <= at + MAX_LINE and index + 1 == len(files) else "broken")
                self.line(data[at:stop], (path, at))
                at = stop + 1
        self.decide(None)
        return place
    def report(self, files):
        fault, kind = None, "ok"
        try:
            place = self.read(files)
        except Stop as stop:
            record, place, self.size, kind = stop.args
            fault = (record, place)
        integrity = {"signed": "broken", "ok": "ok" if self.size else "empty"}.get(kind, kind)
        missing = bool(self.anchors) or self.pin is not None and not self.pinned and self.asked
        completeness = "not_checked" if not self.asked or missing and integrity == "broken" else "short" if missing else "ok"
        fault = fault or (completeness == "short" and (self.size, place)) or None
        authenticity = "failed" if kind == "signed" and self.keys else "not_checked"
        if integrity != "broken" or self.doubt:
            if self.keys and (self.sealed is None or self.size - self.sealed - 1 > MAX_UNSEALED):
                self.doubts(place)
            authenticity = "failed" if self.doubt else "ok" if self.keys else "not_checked"
        fault = self.doubt or fault
        return {"records": self.size, "integrity": integrity, "completeness": completeness, "authenticity": authenticity,
                "erasures": self.erasures, "dangling": len(self.calls), "first_fault": fault and {
                    "record": fault[0], "segment": fault[1][0] and os.path.basename(fault[1][0]), "offset": fault[1][1]}}

def verify(log, head=None, keys=(), origin=None, anchored=()):
    head = head and (int(head.split(":")[0]), bytes.fromhex(head.split(":")[1]))
    verifier = Verifier(head, [Key(key) for key in keys], origin, [read_note(note) for note in anchored])
    if os.path.isfile(log):
        return verifier.report([(None, log)])
    names = sorted(name for name in os.listdir(log) if name[0] in "0123456789")
    strange = [name for name in names if not re.fullmatch(r"[0-9]{20}\.jsonl", name) or int(name[:20]) >> 64]
    if strange:
        verifier.read = lambda _: verifier.stop((os.path.join(log, strange[0]), 0))
    files = [(int(name[:20]), os.path.join(log, name)) for name in names if not strange]
    for line in (line for _, path in files if files[0][0] for line in open(path, "rb").read().split(b"\n")[:-1]):
        if line.startswith(b'{"v":1,"kind":"pruned"') and not verifier.pruned:
            try:
                verifier.begin_at(files[0][0], read_pruned(*read_line(line)[1:3]))
            except ValueError: continue
    return verifier.report(files)
if __name__ == "__main__":
    for request in sys.stdin:
        print(json.dumps(verify(**json.loads(request))), flush=True)
