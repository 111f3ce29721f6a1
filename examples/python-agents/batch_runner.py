"""What a batch job runs: does the build whose job lies in the directory of the command line, and writes down how it ended.

In the directory: `job` (MessagePack) is what the agent wants; `top` is where the builder works; `log` is what it says;
`started` and `ended` are written when that happens.
"""
import os
import signal
import sys

from messagepack import pack, unpack


def write(path, value):
    """Writes a whole file, or none."""
    with open(f"{path}.new", "wb") as file:
        file.write(pack(value))
    os.rename(f"{path}.new", path)


def environment(job, top):
    variables = {entry["name"]: entry["value"] for entry in job["environment"]}
    variables.update({name.encode(): top.encode() for name in job["directoryVariables"]})
    return variables


def run(directory):
    with open(f"{directory}/job", "rb") as file:
        job = unpack(file.read())
    top = f"{directory}/top"
    os.mkdir(top)
    for file in job["files"]:
        with open(os.path.join(top, file["name"]), "wb") as contents:
            contents.write(file["contents"])
    log = os.open(f"{directory}/log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    builder = os.fork()
    if builder == 0:
        execute(job, top, log)
    write(f"{directory}/started", builder)
    _, status = os.waitpid(builder, 0)
    killed = os.WIFSIGNALED(status)
    write(f"{directory}/ended", {
        "exitCode": None if killed else os.WEXITSTATUS(status),
        "signal": signal.Signals(os.WTERMSIG(status)).name if killed else None,
    })


def execute(job, top, log):
    """In the child: becomes the builder."""
    try:
        os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.chdir(top)
        arguments = [os.path.basename(job["builder"]), *job["args"]]
        os.execve(job["builder"], arguments, environment(job, top))
    except OSError as error:
        os.write(2, f"cannot execute the builder: {error}\n".encode())
    os._exit(127)


if __name__ == "__main__":
    run(sys.argv[1])
