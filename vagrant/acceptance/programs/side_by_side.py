#!/usr/bin/env python3
"""Makes the page of libvirt and labeler side by side from the observations of 55-side-by-side.sh: side_by_side.py DIRECTORY

The part above "Times" is the same for the same behaviour: levels are named by their VMs.
"""

import pathlib
import re
import statistics
import sys
from datetime import datetime

STEPS = (
    ("11-one", "web1 is started, on `web1.qcow2`, an overlay of `base.qcow2`", "10-before"),
    ("12-two", "db1 is started beside it, on an overlay of the same base", "10-before"),
    ("13-same-image", "a second VM on `web1.qcow2` is to be started", "10-before"),
    ("14-overlay-of-it", "a VM on `child.qcow2`, an overlay of `web1.qcow2`, is to be started", "10-before"),
    ("15-one-stopped", "web1 is stopped", "10-before"),
    ("16-both-stopped", "db1 is stopped as well", "10-before"),
    ("21-failed", "with new images: a start that fails, since qemu ends at once", "20-before"),
    ("31-snapshot", "with new images: web1 runs, and an external snapshot is asked for", "30-before"),
    ("32-stopped", "web1 is stopped", "30-before"),
)

# One start under libvirt each, and some under labeler.
FEWEST_ROUNDS = 2
FEWEST_STARTS = 3


class Step:
    def __init__(self, path):
        self.labels = {}
        self.attributes = {}
        for line in path.read_text(encoding="utf-8").splitlines():
            kind, *rest = line.split("\t")
            if kind == "outcome":
                self.outcome = rest[0]
            elif kind == "running":
                self.running = rest[0].split()
            elif kind == "label":
                self.labels[rest[0]] = rest[1]
            elif kind == "attributes":
                self.attributes[rest[0]] = rest[1].split()


def levels(path):
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        vm, level = line.split("\t")
        found[level] = vm
    return found


def label_words(label, step, names):
    _, _, kind, level = label.split(":", 3)
    if level == "s0":
        return f"`{kind}:s0`"
    vm = names.get(level)
    if vm is None:
        return f"`{kind}:{level}`"
    if vm in step.running:
        return f"`{kind}` at {vm}'s level"
    return f"`{kind}` at the level that {vm} had"


def cell(step, before, previous, names):
    """Bold: labels that stay when no VM runs any more, and labels that a refused start changes."""
    refused = step.outcome.startswith("refused")
    lines = [step.outcome] if step.outcome else []
    changed = False
    for name, label in step.labels.items():
        if before.labels.get(name) != label:
            changed = True
            new = "" if name in before.labels else ", new"
            words = f"`{name}`{new}: {label_words(label, step, names)}"
            # A new file may stay; its label belongs to a VM only at a VM's level.
            left = not step.running and not (new and label.endswith(":s0"))
            stays = left or (refused and previous.labels.get(name) != label)
            lines.append(f"**{words}**" if stays else words)
        added = sorted(set(step.attributes[name]) - set(before.attributes.get(name, ())))
        if added and not step.running:
            changed = True
            lines.append(f"**`{name}`: keeps " + ", ".join(f"`{attribute}`" for attribute in added) + "**")
    if not changed:
        lines.append("every label as before")
    return "<br>".join(lines)


def table(directory):
    yield "| what happens | libvirt alone | labeler |"
    yield "|---|---|---|"
    names = {side: levels(directory / f"{side}.levels") for side in ("libvirt", "labeler")}
    previous = {}
    for key, words, start in STEPS:
        cells = []
        for side in names:
            step = Step(directory / f"{side}.{key}")
            cells.append(cell(step, Step(directory / f"{side}.{start}"), previous.get(side), names[side]))
            previous[side] = step
        yield f"| {words} | {cells[0]} | {cells[1]} |"


def libvirt_time(log):
    """Milliseconds between libvirt's two messages that it sets the labels and that it has set them, in a part of its log."""
    began, ended = (
        [
            datetime.strptime(match[1], "%Y-%m-%d %H:%M:%S.%f")
            for match in re.finditer(rf"^(\S+ \S+?)\+0000: .*: {words}", log, re.MULTILINE)
        ]
        for words in ("Setting domain security labels", "Labelling done")
    )
    if len(began) != 1 or len(ended) != 1:
        raise SystemExit(f"libvirt's log of one start says {len(began)} times that it labels, {len(ended)} that it has")
    return (ended[0] - began[0]).total_seconds() * 1000


def rounds(directory):
    """For each round: libvirt's time, and labeler's times."""
    log = (directory / "libvirt.log").read_bytes()
    begins = [int(path.read_text(encoding="ascii")) for path in sorted(directory.glob("round-*.from"))]
    for number, (begin, end) in enumerate(zip(begins, [*begins[1:], len(log)])):
        ours = (directory / f"round-{number}.labeler").read_text(encoding="ascii").split()
        if len(ours) < FEWEST_STARTS:
            raise SystemExit(f"too few times of labeler's in round {number}: {len(ours)}")
        yield libvirt_time(log[begin:end].decode(errors="replace")), [float(time) * 1000 for time in ours]


def times(directory):
    measured = list(rounds(directory))
    if len(measured) < FEWEST_ROUNDS:
        raise SystemExit(f"too few rounds: {len(measured)}")
    theirs = [their for their, _ in measured]
    ours = [our for _, round_of_ours in measured for our in round_of_ours]
    ratios = sorted(statistics.median(round_of_ours) / their for their, round_of_ours in measured)
    yield "| | median | lowest | highest | measured |"
    yield "|---|---|---|---|---|"
    for who, values in (("libvirt's labelling", theirs), ("labeler's start", ours)):
        yield (
            f"| {who} | {statistics.median(values):.0f} ms | {min(values):.0f} ms | {max(values):.0f} ms"
            f" | {len(values)} times |"
        )
    yield ""
    yield (
        f"Ratio, labeler's to libvirt's, the median of the rounds: {statistics.median(ratios):.2f}"
        f" (from {ratios[0]:.2f} to {ratios[-1]:.2f})."
    )


def main(directory):
    versions = (directory / "versions").read_text(encoding="utf-8").split("\n")
    print("# labeler beside libvirt\n")
    print(
        "Written by `./dev bed test`, theme `side-by-side`: the same VMs on the same images, in a guest with SELinux"
        f" enforcing ({', '.join(word for word in versions if word)}, Debian's reference policy), once under libvirt's own"
        " sVirt, without labeler's hook, and once under `labeler run`. Before each of the three parts every image has"
        " the label of its directory, `virt_image_t:s0`. A cell has the result, and each label that differs from before. Bold"
        " are the labels that stay when no VM runs any more, and those that a refused start changes.\n"
    )
    print("\n".join(table(directory)))
    print(
        "\nlibvirt itself may give a category pair that no VM has any more to another VM, which then reaches the files"
        " that still carry it.\n"
    )
    print("## Times\n")
    print(
        "One VM, an overlay and its base, is started in turn under both, seconds apart: in each round once under libvirt and"
        " several times under labeler. The ratio is that of the round. libvirt's time is from \"Setting domain security"
        " labels\" to \"Labelling done\" in its own log; it has read the headers before, and keeps no durable record."
        " labeler's time is the whole request for a start, seen by the client: the definition, the headers, the pair, the"
        " journal on disk, the labels and the kernel's answer about them; warm. The guest's processors are translated, and"
        " other work of its host affects the numbers: lowest and highest show how much.\n"
    )
    print("\n".join(times(directory)))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
