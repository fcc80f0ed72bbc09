# Part of quantc, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Files made from a model, remade when what they were made from has changed."""

import json
import os
import pathlib
import resource
import time


def explain(error):
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 300 else text[:297] + "..."


def fingerprint(path):
    information = os.stat(path)
    return [str(path), information.st_size, information.st_mtime_ns]


class Cache:
    """Files made from a job, remade when what they depend on has changed."""

    def __init__(self, job):
        self.job, self.folder, self.cost = job, pathlib.Path(job["folder"]), {}

    def file(self, name, depends, make):
        """The file `name`, by make(path) unless what is there was made from the same."""
        path = self.folder / name
        record = self.folder / (name + ".json")
        depends = json.loads(json.dumps([fingerprint(self.job["onnx"]), fingerprint(self.job["calibration"]), depends]))
        if record.exists():
            old = json.loads(record.read_text())
            if old["depends"] == depends:
                if "error" in old:
                    raise RuntimeError(old["error"])
                self.cost = old["cost"]
                return path
        start = time.monotonic()
        try:
            make(path)
        except Exception as error:
            # What failed fails again, only later.
            record.write_text(json.dumps({"depends": depends, "error": explain(error)}))
            raise
        usage = [resource.getrusage(who).ru_maxrss * 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        self.cost = {"seconds": time.monotonic() - start, "peak_bytes": max(usage)}
        record.write_text(json.dumps({"depends": depends, "cost": self.cost}))
        return path
