"""Runs the second verifier on vectors: check.py VECTORS..., exits 1 where it disagrees with one."""
import json, os, sys, tempfile
from verify import verify

wrong = 0
for vectors in sys.argv[1:]:
    cases = json.load(open(vectors))["cases"]
    for case in cases:
        with tempfile.TemporaryDirectory() as folder:
            for file in case["files"]:
                open(os.path.join(folder, file["name"]), "w", newline="").write(file["text"])
            more = {key: case[key] for key in ("head", "keys", "origin", "anchored") if case.get(key)}
            found = verify(folder, **more)
        if found != case["report"]:
            wrong += 1
            print(f"{vectors}, {case['name']}: found {found}, expected {case['report']}")
    print(f"{vectors}: {len(cases)} cases")
sys.exit(bool(wrong))
