#!/usr/bin/env python3
"""Makes the part of a page about many domains from the observations of 59-libvirt-domains.sh: libvirt_domains.py DIRECTORY"""

import pathlib
import sys

WAYS = (("alone", "libvirt alone"), ("libvirt", "libvirt labels, under the hook"), ("labeler", "labeler labels"))


def cell(path):
    if not path.exists():
        return "", "–"
    left = path.read_text(encoding="utf-8").splitlines()
    if not left:
        return "as before", "as before"
    if left == ["does not run"]:
        return "does not run", "does not run"
    return "left", "<br>".join("**" + line.replace("|", "\\|") + "**" for line in left)


def main(directory):
    rows = []
    counts = {way: {} for way, _ in WAYS}
    for line in (directory / "rows").read_text(encoding="utf-8").splitlines():
        how, name, _, operations, words = line.split("|")
        cells = []
        for way, _ in WAYS:
            kind, text = cell(directory / f"{way}.{name.strip()}")
            counts[way][kind] = counts[way].get(kind, 0) + 1
            cells.append(text)
        permissive = " °" if "p" in how else ""
        rows.append(f"| {words}{permissive} | {' | '.join(cells)} |")
    print("## Many domains and operations\n")
    print(
        "Written by `./dev bed test --whole libvirt-domains`: each row is a domain that `virsh` defines, starts, works on and"
        " ends, in three ways. The images were copied from the same ones each time. A cell has each attribute of a file that"
        " is not what it was before the start: its label, its other extended attributes byte for byte, its mode. Rows with ° ran"
        " while the host was permissive, since Debian's policy denies them to libvirt itself.\n"
    )
    print("| | rows | ran | all as before |")
    print("|---|---|---|---|")
    for way, words in WAYS:
        count = counts[way]
        same = count.get("as before", 0)
        print(f"| {words} | {len(rows) - count.get('', 0)} | {same + count.get('left', 0)} | {same} |")
    print(f"\n| domain or operation | {' | '.join(words for _, words in WAYS)} |")
    print("|---|---|---|---|")
    print("\n".join(rows))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
