#!/usr/bin/env python3
"""A build agent that has a batch queue do the builds: it serves the contract `build-agent` (docs/protocols/build-agent.md).

    batch_build_agent.py DIRECTORY

Jobs lie below DIRECTORY, which all machines of the queue share with the store. The queue is batch.sh: put sbatch and scancel
in its place. Builds have no sandbox, so jobs that want one are declined: the next agent is asked.
"""
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time

from channel import Channel, Refusal, field
from messagepack import pack, unpack

HERE = os.path.dirname(os.path.abspath(__file__))
RUN = f"#!/bin/sh\nexec {sys.executable} {HERE}/batch_runner.py \"${{0%/*}}\"\n"


def now():
    return int(time.time() * 1000)


def read(path):
    """The value in a file that the runner writes; None as long as it is not there."""
    try:
        with open(path, "rb") as file:
            return unpack(file.read())
    except FileNotFoundError:
        return None


class Build:
    """One job in the queue."""

    def __init__(self, job, directory, call):
        self._job, self._directory, self._call = job, directory, call
        self._limits = job["limits"]
        self._log_size, self._begin, self._heard = 0, now(), now()
        self._id = None

    def run(self):
        """Submits the job and follows it to its end; gives the outcome."""
        with open(f"{self._directory}/job", "wb") as file:
            file.write(pack(self._job))
        with open(f"{self._directory}/run", "w", encoding="utf-8") as file:
            file.write(RUN)
        os.chmod(f"{self._directory}/run", 0o700)
        self._id = self._queue("submit", self._directory).strip()
        try:
            return self._follow()
        finally:
            self._queue("cancel", self._id)

    def _follow(self):
        while (process := read(f"{self._directory}/started")) is None:
            if self._call.cancelled.wait(0.02):
                return {"status": "cancelled"}
        self._begin = self._heard = now()
        self._call.send({"event": "started", "process": process, "logFile": b"", "time": self._begin})
        with open(f"{self._directory}/log", "rb") as log:
            while True:
                ended = read(f"{self._directory}/ended")
                self._pass_on(log)
                if self._call.cancelled.is_set():
                    return {"status": "cancelled"}
                if (limit := self._limit_reached()) is not None:
                    return {"status": "limited", "limit": limit, **self._span()}
                if ended is not None:
                    return self._outcome(ended)
                self._call.cancelled.wait(0.02)

    def _pass_on(self, log):
        while data := log.read(65536):
            self._log_size += len(data)
            self._heard = now()
            self._call.send({"event": "log", "data": data})
            if self._limit_reached() is not None or self._call.cancelled.is_set():
                break

    def _limit_reached(self):
        limits, time_now = self._limits, now()
        if limits["timeout"] and time_now - self._begin > 1000 * limits["timeout"]:
            return "timeout"
        if limits["maxSilentTime"] and time_now - self._heard > 1000 * limits["maxSilentTime"]:
            return "max-silent-time"
        if limits["maxLogSize"] and self._log_size > limits["maxLogSize"]:
            return "max-log-size"
        return None

    def _outcome(self, ended):
        if ended["exitCode"] == 0:
            return {"status": "succeeded", **self._span()}
        return {"status": "failed", **ended, **self._span()}

    def _span(self):
        return {"startTime": self._begin, "stopTime": now(), "logSize": self._log_size}

    def _queue(self, *words):
        variables = {**os.environ, "BATCH_DIRECTORY": os.path.dirname(self._directory)}
        done = subprocess.run([f"{HERE}/batch.sh", *words], env=variables, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Refusal("internal-error", f"the batch queue failed: {done.stderr.strip()}")
        return done.stdout


class Agent:
    def __init__(self, directory):
        self._directory = directory
        self._system = f"{platform.machine()}-linux"

    def offer(self, params, call):
        job = field(params, "job", dict)
        if job["system"] != self._system:
            return {"outcome": {"status": "declined", "reason": f"the queue builds for {self._system}"}}
        if job["sandbox"]:
            return {"outcome": {"status": "declined", "reason": "builds in the queue have no sandbox"}}
        directory = tempfile.mkdtemp(prefix="job-", dir=self._directory)
        try:
            return {"outcome": Build(job, directory, call).run()}
        finally:
            shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: batch_build_agent.py DIRECTORY")
    agent = Agent(os.path.abspath(sys.argv[1]))
    Channel("build-agent", 1, "batch-build-agent", {"offer": agent.offer}).serve()
